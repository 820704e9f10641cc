package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Ping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that has the module on its class path, with gobgpd beside it, and the kernel's VTEP with FRR at the other
 * end.
 */
@Tag("live")
class GobgpGatewayLiveTest {
    private static final String MAIN = "dev.peregrine.gateway.Main";
    private static final String MAC_B = "02:00:00:00:42:02";
    private static final String INNER_A = "fd19::1";
    private static final String INNER_B = "fd19::2";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int PINGS = 20;
    private static final int PAYLOAD = 64;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private String configuration(GobgpLab lab, Namespace container) {
        return """
                underlay: {local: %s, device: uB}
                control:
                  socket: %s
                  http: off
                  cache: off
                  planes: [{name: bgp, type: evpn, engine: gobgp, api: "%s"}]
                vnis:
                  - vni: 42
                    control: [bgp]
                    suppressNeighbours: true
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [198.19.1.2/24]}
                """.formatted(GobgpLab.VTEP_B, socket(), lab.gobgpd.api(), container, MAC_B);
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    private List<String> java(List<String> words) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("..", "scripts", "jvm.args").toAbsolutePath().normalize(),
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                MAIN));
        line.addAll(words);
        return line;
    }

    /** MAC addresses behind VTEPs, with all that is said of them but their age. */
    private Set<String> remote() {
        String answer = Command.output(java(List.of("--socket", socket().toString(), "--json", "fdb", "list")));
        Set<String> rows = new TreeSet<>();
        try {
            for (JsonNode row : JSON.readTree(answer)) {
                if (!row.path("vtep").asText("").isEmpty()) {
                    rows.add(row.path("mac").asText() + " " + row.path("vtep").asText() + " "
                            + row.path("plane").asText());
                }
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer, e);
        }
        return rows;
    }

    @Test
    void pingsGoBothWaysAndTheFdbOutlivesGobgpd() throws IOException {
        try (GobgpLab lab = new GobgpLab();
                Namespace container = Live.namespace().quiet()) {
            lab.hostA.enableIpv6("p42x");
            lab.hostA.ip("address add " + INNER_A + "/64 dev p42x nodad");
            String macA = lab.hostA.output("cat", "/sys/class/net/p42x/address").strip();
            Path file = Files.writeString(folder.resolve("gateway.yaml"), configuration(lab, container));
            List<String> run = java(List.of("run", "--config", file.toString()));
            try (BackgroundProcess gateway = BackgroundProcess.start(lab.hostB.words(run))) {
                gateway.awaitLine(LIMIT, "ready line", line -> line.startsWith("ready"));
                container.enableIpv6("eth0");
                container.ip("address replace " + INNER_B + "/64 dev eth0 nodad");
                lab.await("our MAC at A", () -> lab.forwardingAtA().contains(MAC_B + " dst " + GobgpLab.VTEP_B));
                lab.await("an answer", () -> Ping.answers(container, INNER_A));
                Ping.loses0(container, INNER_A, PINGS, PAYLOAD);
                Ping.loses0(lab.hostA, INNER_B, PINGS, PAYLOAD);
                lab.await("A's MAC here", () -> remote().contains(macA + " " + GobgpLab.VTEP_A + " bgp"));

                Set<String> before = remote();
                lab.gobgpd.kill();
                lab.await("A to forget us", () -> !lab.forwardingAtA().contains(MAC_B));
                assertEquals(before, remote(), "while gobgpd is away");
                long began = System.nanoTime();
                lab.gobgpd.start();
                lab.await("our MAC at A again", () -> lab.forwardingAtA().contains(MAC_B));
                long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
                System.out.printf("our routes are at FRR again %d ms after the start of gobgpd%n", millis);
                assertTrue(millis <= 10_000, () -> millis + " ms");
                lab.await("an answer again", () -> Ping.answers(container, INNER_A));
                assertEquals(before, remote(), "afterwards");
                assertFalse(gateway.toString().contains("WARNING:"), gateway::toString);
            }
        }
    }
}
