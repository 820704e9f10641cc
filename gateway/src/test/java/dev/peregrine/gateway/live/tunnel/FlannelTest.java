package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The configuration of docs/from-flannel.md, in the place of a device that flannel made. Both ends begin as flannel's.
 */
@LiveTest
class FlannelTest {
    private static final Path PAGE = Path.of("../docs/from-flannel.md");
    private static final Pattern FILE = Pattern.compile("(?s)```yaml\\n(# flannel\\.yaml\\n.*?)```");
    private static final String POD_A = "10.244.1.2";
    private static final String POD_B = "10.244.2.2";

    @Test
    void podsReachEachOtherBeforeAndAfter() throws IOException {
        long seed = System.nanoTime();
        String file = FILE.matcher(Files.readString(PAGE))
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no flannel.yaml in " + PAGE))
                .replaceAll("```(yaml)?", "");
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            Node a = new Node(1, lab.hA(), "uA", lab.vtepA(), lab.cA());
            Node b = new Node(2, lab.hB(), "uB", lab.vtepB(), lab.cB());
            for (Node node : List.of(a, b)) {
                node.addPod();
                node.addDevice();
            }
            a.know(b);
            b.know(a);
            arrive(lab, seed);
            b.host.ip("link delete flannel.1");
            try (GatewayProcess gateway = GatewayProcess.start(b.host, file)) {
                arrive(lab, seed);
                assertEquals("up", gateway.port("flannel").path("state").asText());
                assertEquals(
                        lab.underlay().overlayMtu(),
                        gateway.port("flannel").path("linkMtu").asInt());
                // The node's own stack may send to all, which has nowhere to go; a VTEP listens at either end.
                Map<String, Long> drops = gateway.allDropsSince(Map.of());
                drops.remove("NO_FLOOD_MEMBER");
                // TCP may fill queues, more so where the gateway has to wait for a CPU, and notices by such a loss.
                drops.keySet().removeAll(Set.of("UNDERLAY_FULL", "UNDERLAY_RECEIVE_OVERFLOW", "TAP_TRANSMIT_OVERFLOW"));
                assertEquals(Map.of(), drops);
                assertTrue(b.host.ip("neigh show dev flannel.1").contains(a.mac()), "answered by the gateway");
            }
        }
    }

    private static void arrive(Lab lab, long seed) {
        Stream.arrivesIntact(lab.cA(), lab.cB(), POD_B, 4 << 20, seed);
        Stream.arrivesIntact(lab.cB(), lab.cA(), POD_A, 4 << 20, seed);
    }

    /**
     * As flannel's {@code vxlan} backend leaves a node: the subnet 10.244.NUMBER.0/24, with one pod behind a bridge.
     */
    private record Node(int number, Namespace host, String device, String vtep, Namespace pod) {
        private static final int MTU = Underlay.IPV4_WIRE.overlayMtu();

        void addPod() {
            host.write("/proc/sys/net/ipv4/ip_forward", "1");
            host.ip("link add cni0 mtu " + MTU + " type bridge mcast_snooping 0");
            host.ip("address add " + subnet() + ".1/24 dev cni0");
            host.ip("link set cni0 up");
            host.ip("link add pod mtu %d type veth peer name eth0 mtu %d netns %s".formatted(MTU, MTU, pod));
            host.ip("link set pod master cni0 up");
            pod.ip("address add " + subnet() + ".2/24 dev eth0");
            pod.ip("link set eth0 up");
            pod.ip("route add default via " + subnet() + ".1");
        }

        private String subnet() {
            return "10.244." + number;
        }

        String mac() {
            return "02:00:00:00:0" + number + ":00";
        }

        void addDevice() {
            host.ip("link add flannel.1 address %s mtu %d type vxlan id 1 dev %s local %s dstport 8472 nolearning"
                    .formatted(mac(), MTU, device, vtep));
            host.ip("address add " + subnet() + ".0/32 dev flannel.1");
            host.ip("link set flannel.1 up");
        }

        void know(Node other) {
            host.ip("neigh add %s.0 lladdr %s dev flannel.1 nud permanent".formatted(other.subnet(), other.mac()));
            String entry =
                    "bridge fdb append %s dev flannel.1 dst %s self permanent".formatted(other.mac(), other.vtep);
            host.output(entry.split(" "));
            host.ip("route add %s.0/24 via %s.0 dev flannel.1 onlink".formatted(other.subnet(), other.subnet()));
        }
    }
}
