package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.laws.World.Site;
import java.util.List;
import java.util.function.UnaryOperator;

/** Law 8: a flood reaches each member once, never its origin. */
class FloodTest {
    @SeededTest
    void aFloodReachesEachMemberOnceAndNeverItsOrigin() {
        assertHolds(Gen.ofThisRun(), UnaryOperator.identity());
    }

    static void assertHolds(Gen gen, UnaryOperator<Stage> stages) {
        try (World world = new World(gen, 1 + gen.below(4), 1 + gen.below(3), 1 + gen.below(6), 128, 1000, stages)) {
            for (int round = 0; round < 50; round++) {
                Site origin = world.anySite();
                long destination = gen.oneOf(EthernetHeader.BROADCAST, 0x0100_5e00_0001L, 0x3333_0000_0001L, gen.mac());
                byte[] frame = gen.frame(destination, origin.mac(), World.MTU);
                origin.workload().send(frame);
                world.run();
                String where = gen + ", round " + round;
                for (Site site : world.sites) {
                    List<byte[]> received = site.workload().received();
                    boolean isMember = site.vni() == origin.vni() && !site.equals(origin);
                    assertEquals(isMember ? 1 : 0, received.size(), where);
                    if (isMember) {
                        assertArrayEquals(frame, received.getFirst(), where);
                    }
                }
                world.assertConservation(where);
            }
        }
    }
}
