package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.KernelEcho;
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
    private static final Duration PING_LIMIT = Duration.ofSeconds(150);
    private static final String REMOTE = "10.77.0.1";

    /** Each device of the namespace asks by itself, so that its ARP request is flooded to all ports and to the tunnel. */
    private static final String PING_ALL = """
            i=0
            while [ $i -lt %d ]; do
              ping -n -q -c 1 -w 10 -I t$i %s >/dev/null 2>&1 || echo t$i
              i=$((i + 1))
            done
            """.formatted(PORTS, REMOTE);

    @Test
    @Tag("long")
    @Timeout(480)
    void aThousandTapPortsOnOneWorkerAllPassTraffic() {
        KernelEcho.assumeAnswered();
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            lab.cA().ip("address add " + REMOTE + "/16 dev eth0");
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config(lab), START_LIMIT)) {
                String silent = Command.run(PING_LIMIT, lab.cB().words("sh", "-c", PING_ALL))
                        .output();
                assertEquals("", silent, gateway::counters);
                assertEquals(List.of(), deaf(gateway.json("port", "list")));
                Map<String, Long> drops = gateway.drops();
                assertEquals(0L, drops.get("FLOOD_COPY_FAILED"), "copies of a flood to a thousand ports");
                assertEquals(0L, drops.get("POOL_EMPTY"));
                assertEquals(0L, gateway.status().path("poolEmpty").asLong(-1));
            }
        }
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
