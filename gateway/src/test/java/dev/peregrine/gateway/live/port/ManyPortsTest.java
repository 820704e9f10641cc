package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** networkservicemesh 2208, ligato/vpp-agent 1758, calico vpp-dataplane 330: nodes with hundreds of ports. */
@Conformance("reported by users")
class ManyPortsTest {
    private static final int PORTS = 1000;
    private static final Duration START_LIMIT = Duration.ofSeconds(150);
    private static final Duration RESOLUTION_LIMIT = Duration.ofSeconds(30);
    private static final String REMOTE = "10.77.0.1";

    /** A kernel keeps few more than a thousand neighbours in all its namespaces. */
    private static final int AT_A_TIME = 100;

    @Test
    @Tag("long")
    @Timeout(480)
    void aThousandTapPortsOnOneWorkerAllPassTraffic() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            lab.cA().ip("address add " + REMOTE + "/16 dev eth0");
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config(lab), START_LIMIT)) {
                for (int first = 0; first < PORTS; first += AT_A_TIME) {
                    resolveRemote(lab.cB(), first);
                }
                assertEquals(List.of(), deaf(gateway.json("port", "list")));
                Map<String, Long> drops = gateway.drops();
                assertEquals(0L, drops.get("FLOOD_COPY_FAILED"), "copies of a flood to a thousand ports");
                assertEquals(0L, drops.get("POOL_EMPTY"));
                assertEquals(0L, gateway.status().path("poolEmpty").asLong(-1));
            }
        }
    }

    /**
     * Each of some devices asks for the remote's MAC: the request goes to all ports and the tunnel, the reply to it
     * alone.
     */
    private static void resolveRemote(Namespace container, int first) {
        StringBuilder requests = new StringBuilder();
        for (int i = first; i < first + AT_A_TIME; i++) {
            requests.append("neigh replace ")
                    .append(REMOTE)
                    .append(" dev t")
                    .append(i)
                    .append(" use\\n");
        }
        container.output("sh", "-c", "printf '" + requests + "' | ip -batch -");
        Await.until(
                RESOLUTION_LIMIT,
                "all devices know the remote's MAC",
                () -> neighbours(container)
                                .lines()
                                .filter(line -> line.contains(Lab.MAC_A))
                                .count()
                        == AT_A_TIME,
                () -> neighbours(container));
        container.ip("neigh flush to " + REMOTE + " nud all");
    }

    private static String neighbours(Namespace container) {
        return container.ip("neigh show to " + REMOTE);
    }

    /** Ports that are not up, that took nothing in, or let nothing out. */
    private static List<String> deaf(JsonNode ports) {
        List<String> deaf = new ArrayList<>();
        int seen = 0;
        for (JsonNode port : ports) {
            boolean works = port.path("state").asText().equals("up")
                    && port.path("rxPackets").asLong() > 0
                    && port.path("txPackets").asLong() > 0;
            if (port.path("device").asText().startsWith("t")) {
                seen++;
                if (!works) {
                    deaf.add(port.toString());
                }
            }
        }
        assertEquals(PORTS, seen, "ports that are listed");
        return deaf;
    }

    private static String config(Lab lab) {
        StringBuilder config = new StringBuilder("workers: {count: 1}\n").append(lab.gatewayConfigB());
        for (int i = 0; i < PORTS; i++) {
            config.append("      - {name: p%d, type: tap, device: t%d, netns: %s, addresses: [10.77.%d.%d/16]}\n"
                    .formatted(i, i, lab.cB(), 1 + i / 250, 1 + i % 250));
        }
        return config.toString();
    }
}
