package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.FaultInjector;
import dev.peregrine.testkit.FaultInjector.Faults;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.MixedFlows;
import dev.peregrine.vxlan.Segment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;

/** Law 10: with offloads or without, the same segments, through a whole gateway and under faults of the network. */
class OffloadTest {
    private static final int VNI = 42;
    private static final int FRAMES = 2000;
    private static final int MTU = 1500;
    private static final long WORKLOAD = 0x02_00_00_00_00_02L;
    private static final long SENDER = 0x02_00_00_00_00_01L;
    private static final Faults FAULTS = new Faults(0.03, 0.01, 0.05, 6);

    @RepeatedTest(5)
    void aWorkloadReceivesTheSegmentsThatTheNetworkDelivers() {
        Gen gen = Gen.ofThisRun();
        List<byte[]> frames = new MixedFlows(gen, WORKLOAD, SENDER, 8).frames(FRAMES);
        List<byte[]> delivered = new ArrayList<>();
        long faults = gen.below(Integer.MAX_VALUE);
        FaultInjector<byte[]> network = new FaultInjector<>(FAULTS, faults, delivered::add);
        frames.forEach(network);
        network.flush();
        assertTrue(network.lost() > 0 && network.reordered() > 0 && network.duplicated() > 0, gen::toString);
        for (boolean gro : new boolean[] {false, true}) {
            List<byte[]> received = receive(delivered, gro);
            assertEquals("", MixedFlows.difference(delivered, received), gen + ", gro " + gro);
        }
    }

    /** The frames that the workload behind a gateway gets of datagrams that come in bursts of up to a batch. */
    private static List<byte[]> receive(List<byte[]> frames, boolean gro) {
        MemoryNetwork network = new MemoryNetwork();
        GatewayShape shape = new GatewayShape(
                List.of(new Segment(0, VNI, MTU, false)), List.of(0), 512, 1 << 16, 4, gro, stage -> stage);
        try (MemoryGateway gateway = new MemoryGateway(network, World.address(0), shape)) {
            gateway.addVtep(World.address(1));
            for (int i = 0; i < frames.size(); i++) {
                byte[] payload = World.vxlan(VNI, frames.get(i));
                network.send(new Datagram(World.address(1), World.address(0), 50_000, 0, 64, payload));
                if (i % 64 == 63) {
                    gateway.run();
                }
            }
            gateway.run();
            assertEquals(0, gateway.dropped());
            return gateway.endpoint(0).received();
        }
    }
}
