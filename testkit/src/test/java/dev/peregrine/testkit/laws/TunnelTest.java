package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.laws.World.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Law 1: decap(encap(f)) = f. */
class TunnelTest {
    @SeededTest
    void aFrameLeavesTheTunnelAsItEnteredIt() {
        assertHolds(Gen.ofThisRun(), UnaryOperator.identity());
    }

    static void assertHolds(Gen gen, UnaryOperator<Stage> stages) {
        try (World world = new World(gen, 3, 1, 2, 128, 1000, stages)) {
            for (Site site : world.sites) {
                site.workload().send(gen.frame(EthernetHeader.BROADCAST, site.mac(), 100));
            }
            world.run();
            world.sites.forEach(site -> site.workload().received());
            for (int round = 0; round < 50; round++) {
                exchange(world, gen + ", round " + round);
            }
            world.assertConservation("end");
        }
    }

    /** Frames both ways between two workloads behind different gateways, whose MACs all have learned. */
    private static void exchange(World world, String where) {
        Site a = world.sites.get(world.gen.below(2));
        Site b = world.sites.get(2 + world.gen.below(4));
        List<byte[]> toB = send(world.gen, a, b);
        List<byte[]> toA = send(world.gen, b, a);
        world.run();
        for (Site site : world.sites) {
            List<byte[]> expected = site.equals(b) ? toB : site.equals(a) ? toA : List.of();
            List<byte[]> received = site.workload().received();
            assertEquals(expected.size(), received.size(), where);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), received.get(i), where + ", frame " + i);
            }
        }
    }

    private static List<byte[]> send(Gen gen, Site from, Site to) {
        List<byte[]> sent = new ArrayList<>();
        for (int i = gen.below(100); i >= 0; i--) {
            byte[] frame = gen.frame(to.mac(), from.mac(), World.MTU);
            from.workload().send(frame);
            sent.add(frame);
        }
        return sent;
    }
}
