package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.testkit.live.Frr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/demo --control} as a whole, in a checkout of scripts alone whose gateway has the classes of this test.
 */
@LiveTest
@Timeout(180) // more than a demo may take
class ControlDemoTest {
    private static final Path SCRIPTS = Path.of("../scripts");
    private static final long LIMIT_SECONDS = 150;

    @TempDir
    private Path checkout;

    private record Result(int exit, String out, String err) {
        @Override
        public String toString() {
            return "exit " + exit + "\n" + out + "\n" + err;
        }
    }

    @BeforeEach
    void makeCheckout() throws IOException {
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        checkout.resolve("scripts")
                                .resolve(SCRIPTS.relativize(file).toString()));
            }
        }
        Path stamp = Files.createDirectories(checkout.resolve("app/target/app")).resolve("stamp");
        Files.writeString(stamp, "");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(3600)));
        Files.createDirectories(checkout.resolve(".mvn"));
        Files.createDirectories(checkout.resolve("dataplane/src/test/java/dev/peregrine/dataplane/testing"));
        Files.writeString(checkout.resolve("pom.xml"), "");
        Path peregrine = checkout.resolve("scripts/peregrine");
        Files.writeString(peregrine, """
                #!/bin/sh
                exec '%s/bin/java' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \\
                  --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED -cp '%s' %s "$@"
                """.formatted(
                        System.getProperty("java.home"), System.getProperty("java.class.path"), Main.class.getName()));
        Files.setPosixFilePermissions(peregrine, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result demo(String plane) throws Exception {
        Path out = checkout.resolve("out");
        Path err = checkout.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(checkout.resolve("scripts/demo").toString(), "--control", plane);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        Process process = builder.redirectInput(Path.of("/dev/null").toFile()).start();
        try {
            boolean isOver = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            Result result = new Result(isOver ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
            assertTrue(isOver, () -> "did not end within " + LIMIT_SECONDS + " s: " + result);
            return result;
        } finally {
            process.destroy(); // which has it clean up
        }
    }

    private static void assertShown(Result result, List<String> rows) {
        assertEquals(0, result.exit, result::toString);
        for (String row : rows) assertTrue(result.out.contains(row), () -> row + " is not in " + result);
        assertTrue(result.out.contains("three hosts learned 6 of 6 stations"), result::toString);
        assertEquals(
                6, result.out.lines().filter(line -> line.contains(" 0 lost, ")).count(), result::toString);
    }

    @Test
    void threeGatewaysFindEachOtherByEtcd() throws Exception {
        Assumptions.assumeTrue(
                Command.exists("etcd"), "SKIPPED: no etcd here; on Debian: apt-get install etcd-server etcd-client");
        assertShown(
                demo("etcd"),
                List.of(
                        "A Peregrine       B      02:00:00:00:00:02   198.18.0.2    etcd      198.19.0.2 fd19::2",
                        "C Peregrine       A      02:00:00:00:00:01   198.18.0.1    etcd      198.19.0.1 fd19::1"));
    }

    @Test
    void twoGatewaysAndAKernelFindEachOtherByEvpn() throws Exception {
        Assumptions.assumeTrue(Frr.isInstalled(), "SKIPPED: FRR is not installed (apt-get install frr)");
        assertShown(
                demo("evpn"),
                List.of(
                        "A Peregrine       C      02:00:00:00:00:03   198.18.0.3    evpn",
                        "C FRR and kernel  B      02:00:00:00:00:02   198.18.0.2    bgp"));
    }
}
