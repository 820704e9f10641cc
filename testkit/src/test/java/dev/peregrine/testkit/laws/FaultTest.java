package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.CountingStage;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.stage.WrappedStage;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryEndpoint;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.laws.World.Site;
import org.junit.jupiter.api.Test;

/**
 * Law 2 where stages and endpoints throw exceptions and errors at any time, under any schedule, with a flow cache and
 * without: each failure costs at most one batch, which is counted, is reported once, and every packet comes back.
 */
class FaultTest {
    private static final int STEPS = 100;

    @SeededTest
    void aFailureCostsOneBatchWhereverItHappens() {
        live(Gen.ofThisRun());
    }

    @Test
    void theSaboteurIsBusyEnoughToMeanSomething() {
        Saboteur saboteur = live(Gen.ofThisRun());
        assertTrue(saboteur.thrown > 10, () -> "only " + saboteur.thrown);
    }

    private static Saboteur live(Gen gen) {
        Saboteur saboteur = new Saboteur(gen);
        int flows = gen.oneIn(2) ? 0 : 1 << gen.below(8);
        int workers = 1 + gen.below(3);
        int buffers = 200 + gen.below(200);
        try (World world = new World(
                gen, new MemoryNetwork(), 1 + gen.below(3), 2, 3, buffers, 200, flows, workers, saboteur::in)) {
            if (workers == 1) {
                world.sites.forEach(site -> site.gateway().attach(site.port(), saboteur.in(site.workload())));
            }
            for (int step = 0; step < STEPS; step++) {
                for (int i = gen.below(70); i >= 0; i--) {
                    ConservationTest.act(world);
                }
                world.run();
                world.assertBalance("step " + step);
                world.sites.forEach(site -> site.workload().received());
            }
            assertReported(world, saboteur);
            saboteur.rests = true;
            assertGoesOn(world);
        }
        return saboteur;
    }

    private static void assertReported(World world, Saboteur saboteur) {
        long reported = world.gateways.stream()
                .mapToLong(gateway -> gateway.faults().size())
                .sum();
        assertEquals(saboteur.thrown, reported, world.gen::toString);
        long dropped = world.gateways.stream()
                .mapToLong(gateway -> gateway.dropped(DropReason.STAGE_FAILED))
                .sum();
        assertTrue(saboteur.thrown == 0 || dropped > 0, world.gen::toString);
    }

    /** A gateway that has failed often works as if it never had. */
    private static void assertGoesOn(World world) {
        long before = failed(world);
        for (int i = 0; i < 200; i++) {
            Site from = world.anySite();
            from.workload().send(world.gen.frame(world.anySite().mac(), from.mac(), World.MTU));
            world.run();
        }
        world.assertBalance("afterwards");
        assertEquals(before, failed(world), world.gen::toString);
    }

    private static long failed(World world) {
        long failed = 0;
        for (MemoryGateway gateway : world.gateways) {
            failed += gateway.dropped(DropReason.STAGE_FAILED);
        }
        return failed;
    }

    /** Throws now and then, before or after a stage or endpoint has done its work. */
    private static final class Saboteur {
        private final Gen gen;
        private int thrown;
        private boolean rests;

        private Saboteur(Gen gen) {
            this.gen = gen;
        }

        Stage in(Stage stage) {
            return stage instanceof CountingStage counting ? new BrokenCounting(counting) : new Broken(stage);
        }

        Endpoint in(MemoryEndpoint endpoint) {
            return new BrokenEndpoint(endpoint);
        }

        private void maybe() {
            if (rests || !gen.oneIn(60)) {
                return;
            }
            thrown++;
            if (gen.oneIn(2)) {
                throw new IllegalStateException("planted");
            }
            throw new StackOverflowError("planted");
        }

        private class Broken extends WrappedStage {
            private Broken(Stage stage) {
                super(stage);
            }

            @Override
            public void process(Batch batch) {
                maybe();
                stage.process(batch);
                maybe();
            }
        }

        /** Fails only after its work: what a port's first stage has not counted did not come in. */
        private final class BrokenCounting extends Broken implements CountingStage {
            private final CountingStage counting;

            private BrokenCounting(CountingStage counting) {
                super(counting);
                this.counting = counting;
            }

            @Override
            public void process(Batch batch) {
                stage.process(batch);
                maybe();
            }

            @Override
            public Counters counters() {
                return counting.counters();
            }
        }

        /** Fails before it has taken a packet, as all sinks must hand back what they have not taken. */
        private final class BrokenEndpoint implements Endpoint {
            private final MemoryEndpoint endpoint;

            private BrokenEndpoint(MemoryEndpoint endpoint) {
                this.endpoint = endpoint;
            }

            @Override
            public int poll(Batch batch) {
                return endpoint.poll(batch);
            }

            @Override
            public boolean isReady() {
                return endpoint.isReady();
            }

            @Override
            public void accept(Batch batch) {
                maybe();
                endpoint.accept(batch);
                maybe();
            }

            @Override
            public int fd() {
                return endpoint.fd();
            }

            @Override
            public boolean isGone() {
                return endpoint.isGone();
            }

            @Override
            public void close() {
                endpoint.close();
            }
        }
    }
}
