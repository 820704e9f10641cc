package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Congestion marks through a whole gateway (RFC 6040), for single frames and for superframes. */
class EcnTest {
    private static final int ROUNDS = 60;
    private static final int VNI = 42;
    private static final int ECN = 3;
    private static final int CE = 3;
    private static final int ECT_0 = 2;
    private static final int DROP = -1;
    private static final long WORKLOAD = 0x0200_0000_0002L;
    private static final long SENDER = 0x0200_0000_0001L;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress REMOTE = World.address(1);

    /** Figure 4, by code point: a row for each inner mark, a column for each outer one. */
    private static final int[][] FIGURE_4 = {{0, 0, 0, DROP}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};

    private static MemoryGateway gateway(Gen gen, MemoryNetwork network, UnaryOperator<Stage> stages) {
        List<Segment> segments = List.of(new Segment(0, VNI, 1450, false));
        var shape = new GatewayShape(segments, List.of(0), 256, 1000, 8, gen.oneIn(2), stages);
        MemoryGateway gateway = new MemoryGateway(network, LOCAL, shape);
        gateway.flood(Map.of(0, List.of(gateway.addVtep(REMOTE))));
        return gateway;
    }

    @SeededTest
    void outerMarksReachTheInnerHeaderAtDecap() {
        assertHoldsAtDecap(Gen.ofThisRun(), UnaryOperator.identity());
    }

    static void assertHoldsAtDecap(Gen gen, UnaryOperator<Stage> stages) {
        MemoryNetwork network = new MemoryNetwork();
        try (MemoryGateway gateway = gateway(gen, network, stages)) {
            long dropped = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int tos = gen.below(256);
                int outer = gen.below(256);
                int mark = FIGURE_4[tos & ECN][outer & ECN];
                List<byte[]> frames = stream(gen, tos, mark);
                List<byte[]> expected = new ArrayList<>();
                for (int i = 0; i < frames.size(); i += 2) {
                    byte[] payload = World.vxlan(VNI, frames.get(i));
                    network.send(new Datagram(REMOTE, LOCAL, 50_000, outer, 64, payload));
                    if (mark == DROP) {
                        dropped++;
                    } else {
                        expected.add(frames.get(i + 1));
                    }
                }
                gateway.run();
                String where = gen + ", round " + round + ", inner " + tos + ", outer " + outer;
                List<byte[]> received = gateway.endpoint(0).received();
                assertEquals(expected.size(), received.size(), where);
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(expected.get(i), received.get(i), where + ", frame " + i);
                }
                assertEquals(dropped, gateway.dropped(DropReason.IP_TUNNEL_ECN), where);
            }
        }
    }

    /** Frames of one flow that may be merged, each as it is sent and as it is to arrive. */
    private static List<byte[]> stream(Gen gen, int tos, int mark) {
        boolean ipv6 = gen.oneIn(2);
        int length = 1 + gen.below(1000);
        int port = gen.below(1 << 16);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i <= gen.below(20); i++) {
            FrameBuilder builder = (ipv6 ? FrameBuilder.tcp6() : FrameBuilder.tcp4())
                    .macs(WORKLOAD, SENDER)
                    .ports(port, 80)
                    .id(i)
                    .sequence(i * length)
                    .payload(gen.bytes(length));
            frames.add(builder.tos(tos).build());
            frames.add(builder.tos((tos & ~ECN) | (mark & ECN)).build());
        }
        return frames;
    }

    @SeededTest
    void innerMarksReachTheOuterHeaderAtEncap() {
        Gen gen = Gen.ofThisRun();
        MemoryNetwork network = new MemoryNetwork();
        List<Datagram> sent = new ArrayList<>();
        network.connect(REMOTE, sent::add);
        try (MemoryGateway gateway = gateway(gen, network, UnaryOperator.identity())) {
            EncapEcn mode = gen.oneIn(2) ? EncapEcn.RFC3168 : EncapEcn.RFC6040;
            TunnelSettings settings = TunnelSettings.DEFAULT;
            gateway.vtep().settings(new TunnelSettings(settings.reservedBits(), mode, settings.dscp(), settings.ttl()));
            for (int round = 0; round < ROUNDS; round++) {
                int tos = gen.below(256);
                FrameBuilder builder = gen.transport(SENDER, WORKLOAD).tos(tos).payload(1 + gen.below(4000));
                gateway.endpoint(0).sendSuperframe(builder.build(), 100 + gen.below(1000));
                gateway.run();
                String where = gen + ", round " + round + ", inner " + tos + ", " + mode;
                assertEquals(false, sent.isEmpty(), where);
                int expected = mode == EncapEcn.RFC3168 && (tos & ECN) == CE ? ECT_0 : tos & ECN;
                for (Datagram datagram : sent) {
                    assertEquals((tos & ~ECN) | expected, datagram.tos(), where);
                }
                sent.clear();
            }
        }
    }
}
