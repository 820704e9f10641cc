package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.laws.World.Site;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;

/** Law 6: equal five-tuples in two VNIs never meet. */
class IsolationTest {
    private static final int HOSTS = 3;

    @RepeatedTest(10)
    void equalFlowsInDifferentVnisNeverMeet() {
        live(Gen.ofThisRun(), 0);
    }

    @RepeatedTest(10)
    void equalFlowsInDifferentVnisNeverMeetInAFlowCache() {
        assertTrue(live(Gen.ofThisRun(), 64) > 0, "no packet took the fast path");
    }

    /** Returns how many packets took the fast path. */
    private static long live(Gen gen, int flows) {
        long hits = 0;
        long[] macs = {gen.mac(), gen.mac(), gen.mac()};
        Set<Integer> reached = new HashSet<>();
        try (World world = new World(gen, 3, 3, 6, 128, 1000, flows, 1)) {
            for (int round = 0; round < 200; round++) {
                Site from = world.anySite();
                long source = macs[from.port() % HOSTS];
                long destination = gen.oneIn(4) ? EthernetHeader.BROADCAST : macs[gen.below(HOSTS)];
                from.workload().send(frame(destination, source, from.vni()));
                if (gen.oneIn(3)) {
                    world.run();
                }
            }
            world.run();
            for (Site site : world.sites) {
                for (byte[] frame : site.workload().received()) {
                    int vni = ByteBuffer.wrap(frame, frame.length - Integer.BYTES, Integer.BYTES)
                            .getInt();
                    assertEquals(site.vni(), vni, gen::toString);
                    reached.add(vni);
                }
            }
            world.assertConservation("end");
            for (MemoryGateway gateway : world.gateways) {
                hits += flows == 0 ? 0 : gateway.fastPath().counters().hits();
            }
        }
        assertTrue(reached.size() > 1, () -> gen + ": only reached " + reached);
        return hits;
    }

    /** A datagram of the one flow that is in every VNI; it ends in the number of its own. */
    private static byte[] frame(long destination, long source, int vni) {
        return FrameBuilder.udp4()
                .macs(destination, source)
                .payload(ByteBuffer.allocate(Integer.BYTES).putInt(vni).array())
                .build();
    }
}
