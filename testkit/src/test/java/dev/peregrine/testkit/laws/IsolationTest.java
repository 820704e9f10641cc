package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.laws.World.Site;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/** Law 6: equal five-tuples in two VNIs never meet. */
class IsolationTest {
    private static final int HOSTS = 3;

    private static int worlds;
    private static long hits;

    @SeededTest
    void equalFlowsInDifferentVnisNeverMeet() {
        Gen gen = Gen.ofThisRun();
        assertHolds(new World(gen, 3, 3, 6, 128, 1000));
    }

    @SeededTest
    void equalFlowsInDifferentVnisNeverMeetInAFlowCache() {
        Gen gen = Gen.ofThisRun();
        World world = new World(gen, 3, 3, 6, 128, 1000, 64, 1);
        assertHolds(world);
        worlds++;
        for (MemoryGateway gateway : world.gateways) {
            hits += gateway.fastPath().counters().hits();
        }
    }

    /** Not in each: in some, no flow that could take it has two packets. */
    @AfterAll
    static void theFastPathWasTaken() {
        assertTrue(hits >= worlds, () -> "only " + hits + " hits in " + worlds + " worlds");
    }

    /** Closes the world. */
    static void assertHolds(World world) {
        Gen gen = world.gen;
        long[] macs = {gen.mac(), gen.mac(), gen.mac()};
        Set<Integer> reached = new HashSet<>();
        try (world) {
            for (int round = 0; round < 500; round++) {
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
        }
        assertTrue(reached.size() > 1, () -> gen + ": only reached " + reached);
    }

    /** A datagram of the one flow that is in every VNI; it ends in the number of its own. */
    private static byte[] frame(long destination, long source, int vni) {
        return FrameBuilder.udp4()
                .macs(destination, source)
                .payload(ByteBuffer.allocate(Integer.BYTES).putInt(vni).array())
                .build();
    }
}
