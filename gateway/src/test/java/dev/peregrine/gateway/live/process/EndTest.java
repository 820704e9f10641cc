package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of a gateway, and what they leave. */
@LiveTest
class EndTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int KILLED = 128 + 9;

    /** That of the JVM's ExitOnOutOfMemoryError. */
    private static final int OUT_OF_HEAP = 3;

    /** A device's name, or one of its addresses. */
    private static final Pattern DEVICE = Pattern.compile("^\\d+: (\\S+ +(?:inet6? \\S+)?)", Pattern.MULTILINE);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sigtermLeavesNothingAndExits0(boolean underLoad) {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            Set<String> before = devices(lab);
            try (var gateway = GatewayProcess.start(lab.hB(), lab.gatewayConfigB());
                    var load = underLoad ? load(lab, gateway) : null) {
                assertEquals(List.of("eth0"), lab.cB().devices("tun"));
                assertTrue(Files.exists(gateway.socket()));
                gateway.terminate();
                assertEquals(0, gateway.awaitExit(), gateway::toString);
                assertFalse(Files.exists(gateway.socket()), gateway::toString);
                assertEquals(before, devices(lab), gateway::toString);
                assertTrue(load == null || load.isAlive());
            }
        }
    }

    @Test
    void startsAgainAfterSigkill() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var first = GatewayProcess.start(lab.hB(), lab.gatewayConfigB())) {
                Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
                first.kill();
                assertEquals(KILLED, first.awaitExit());
                assertTrue(Files.exists(first.socket()));
                try (var again = first.startAgain()) {
                    assertEquals(List.of("eth0"), lab.cB().devices("tun"), again::toString);
                    Ping.loses0(lab.cA(), Lab.INNER_B, 50, 56);
                    Ping.loses0(lab.cB(), Lab.INNER_A, 50, 56);
                }
                assertFalse(Files.exists(first.socket()));
            }
            assertEquals(List.of(), lab.cB().devices("tun"));
            assertEquals(List.of(), lab.hB().devices("tun"));
        }
    }

    /** It ends at once, whichever thread wants the memory, so that whoever started it starts it again. */
    @Test
    void anExhaustedHeapEndsItWith3AndLeavesNoDevice(@TempDir Path folder) throws IOException {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            Path socket = folder.resolve("control.sock");
            Path file = Files.writeString(
                    folder.resolve("gateway.yaml"), lab.gatewayConfigB() + "control: {socket: \"" + socket + "\"}\n");
            Path sign = folder.resolve("fill");
            List<String> words = Jvm.words(
                    List.of(Jvm.arguments("jvm"), Jvm.arguments("gateway")),
                    System.getProperty("java.class.path"),
                    FullHeap.class.getName(),
                    List.of(sign.toString(), "run", "--config", file.toString()));
            try (var process = BackgroundProcess.start(lab.hB().words(words))) {
                process.awaitLine(LIMIT, "ready line", line -> line.startsWith("ready"));
                Files.createFile(sign);
                assertEquals(OUT_OF_HEAP, process.awaitExit(LIMIT), process::toString);
                assertTrue(
                        process.lines().stream().anyMatch(line -> line.contains("java.lang.OutOfMemoryError")),
                        process::toString);
                Await.until(
                        LIMIT,
                        "the device is gone",
                        () -> lab.cB().devices("tun").isEmpty(),
                        process::toString);
            }
            assertTrue(Files.exists(socket));
            try (var again = GatewayProcess.start(lab.hB(), lab.gatewayConfigB())) {
                assertEquals(List.of("eth0"), lab.cB().devices("tun"), again::toString);
            }
        }
    }

    private static Iperf.Load load(Lab lab, GatewayProcess gateway) {
        var load = new Iperf(lab.cA(), lab.cB(), Lab.INNER_B, 60).startUdp(20_000, 1_400);
        Await.until(
                LIMIT,
                "traffic flows",
                () -> gateway.port("web").path("txPackets").asLong() > 1_000,
                load::toString);
        return load;
    }

    /** All devices of the lab, with their addresses. */
    private static Set<String> devices(Lab lab) {
        Set<String> devices = new TreeSet<>();
        for (Namespace namespace : lab.namespaces()) {
            Matcher line = DEVICE.matcher(namespace.ip("-o link show") + namespace.ip("-o address show"));
            while (line.find()) devices.add(namespace + " " + line.group(1));
        }
        return devices;
    }
}
