package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which scripts build and install, and which only read. They run in a checkout of scripts alone, whose Maven and
 * apt-get write down that they were called, and whose JVM prints its arguments.
 */
@Timeout(60)
@Tag("slow")
class ScriptsTest {
    private static final Path SCRIPTS = Path.of("../scripts");
    private static final String NEWER =
            "Sources are newer than what is built and runs here: scripts/build builds them.\n";

    @TempDir
    private Path checkout;

    private Path calls;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void makeCheckout() throws IOException {
        copy(SCRIPTS, checkout.resolve("scripts"));
        calls = checkout.resolve("calls");
        Files.writeString(checkout.resolve("pom.xml"), "");
        for (String folder :
                List.of(".mvn", "bin", "jdk/bin", "dataplane/src/test/java/dev/peregrine/dataplane/testing")) {
            Files.createDirectories(checkout.resolve(folder));
        }
        Files.writeString(checkout.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        program("jdk/bin/java", "printf '%s ' \"$@\"");
        program("jdk/bin/javac", "");
        program("mvnw", "echo mvnw >>" + calls + "; exit 1");
        program("bin/apt-get", "echo apt-get >>" + calls + "; exit 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "check --config x.yaml",
                "doctor",
                "--version",
                "--help",
                "run --help",
                "gen --help",
                "--socket run port list",
                "help bench",
                "bench",
                "bench E1 --help"
            })
    void aCommandThatReadsTakesWhatIsBuilt(String words) throws Exception {
        build(Instant.now().plusSeconds(60));
        Result current = peregrine(words);
        assertTrue(current.exit == 0 && current.out.endsWith("Main " + words + " "), current::toString);
        assertEquals("", current.err);
        build(Instant.now().minusSeconds(60));
        assertEquals(new Result(0, current.out, NEWER), peregrine(words));
        assertNothingWasCalled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "--version", "check --config x.yaml", "run --help"})
    void aCommandThatReadsSaysHowToBuild(String words) throws Exception {
        assertEquals(
                new Result(1, "", "This checkout is not built.\nIn a minute or two, scripts/build does it.\n"),
                peregrine(words));
        assertNothingWasCalled();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"run --config x.yaml", "gen", "sink", "perf server", "--json run --config x.yaml", "bench E1"})
    void aCommandThatStartsSomethingSaysThatItBuilds(String words) throws Exception {
        build(Instant.now().minusSeconds(60));
        Result result = peregrine(words);
        assertTrue(result.err.startsWith("  building Peregrine"), result::toString);
        assertEquals(1, result.exit, "this Maven fails");
        assertEquals(List.of("mvnw"), Files.readAllLines(calls));
    }

    @Test
    void buildBuildsOnlyWhatIsOutdated() throws Exception {
        build(Instant.now().plusSeconds(60));
        Result current = run("build");
        assertEquals(0, current.exit, current::toString);
        assertNothingWasCalled();
        build(Instant.now().minusSeconds(60));
        assertEquals(1, run("build").exit);
        assertEquals(List.of("mvnw"), Files.readAllLines(calls));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void helpBuildsAndInstallsNothing(String script) throws Exception {
        build(Instant.now().minusSeconds(60));
        Result help = run(script, "--help");
        assertEquals(0, help.exit, help::toString);
        assertFalse(help.out.isBlank(), help::toString);
        assertNothingWasCalled();
    }

    static List<String> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(file -> Files.isExecutable(file) && Files.isRegularFile(file))
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wire --list", "wire --help", "micro -l", "start --help"})
    void listsOfBenchmarksBuildAndInstallNothing(String words) throws Exception {
        build(Instant.now().minusSeconds(60));
        Result list = run("bench", words.split(" "));
        assertEquals(0, list.exit, list::toString);
        assertNothingWasCalled();
    }

    @ParameterizedTest
    @CsvSource({
        "--control bgp, No control plane 'bgp' is demonstrated",
        "--control, No control plane '' is demonstrated",
        "--control etcd --ipv6, --control does not go with --ipv6",
        "--loopback --control evpn, --control does not go with --loopback"
    })
    void aDemoThatThereIsNotIsRefusedBeforeAnythingIsBuilt(String words, String reason) throws Exception {
        build(Instant.now().minusSeconds(60));
        Result result = run("demo", words.split(" "));
        assertEquals(2, result.exit, result::toString);
        assertTrue(result.err.startsWith(reason), result::toString);
        assertNothingWasCalled();
    }

    private void assertNothingWasCalled() {
        assertFalse(Files.exists(calls), () -> calls + " has what was called");
    }

    /** As if a build had begun then. */
    private void build(Instant time) throws IOException {
        for (String module : List.of("app", "bench")) {
            Path folder = Files.createDirectories(checkout.resolve(module + "/target/" + module));
            Files.writeString(folder.resolve("stamp"), "");
            Files.setLastModifiedTime(folder.resolve("stamp"), FileTime.from(time));
        }
    }

    private Result peregrine(String words) throws Exception {
        return run("peregrine", words.split(" "));
    }

    private Result run(String script, String... arguments) throws Exception {
        Path out = checkout.resolve("out");
        Path err = checkout.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(checkout.resolve("scripts/" + script).toString());
        builder.command().addAll(List.of(arguments));
        builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("JAVA_HOME", checkout.resolve("jdk").toString());
        builder.environment().merge("PATH", "", (path, empty) -> checkout.resolve("bin") + ":" + path);
        builder.environment().remove("PEREGRINE_JAVA_OPTS");
        Process process = builder.start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(builder.command() + " did not end within 30 s: " + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private void program(String name, String script) throws IOException {
        Path file = checkout.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList())
                Files.copy(file, to.resolve(from.relativize(file).toString()));
        }
    }
}
