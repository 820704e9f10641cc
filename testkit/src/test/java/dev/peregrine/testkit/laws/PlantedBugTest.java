package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.fail;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.testkit.Gen;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The laws notice bugs: worlds with a stage that makes a mistake break them within a few seeds. */
class PlantedBugTest {
    private static final int SEEDS = 20;

    /** How often a mistake is made that sends frames in circles. */
    private static final int CIRCLES = 20;

    @Test
    void law1NoticesADecapThatLosesTheLastByte() {
        assertBreaks(
                TunnelTest::assertHolds,
                () -> stages(
                        "decap", packet -> {}, Verdict::isForward, packet -> packet.trim(packet.headLength() - 1)));
    }

    @Test
    void law6NoticesADecapIntoTheWrongSegment() {
        assertBreaks(
                (gen, stages) -> IsolationTest.assertHolds(new World(gen, 3, 3, 6, 128, 1000, stages)),
                () -> stages("decap", packet -> {}, Verdict::isForward, packet -> packet.segment(0)));
    }

    @Test
    void law8NoticesAFloodBackToItsOrigin() {
        assertBreaks(FloodTest::assertHolds, () -> forgettingOrigin(port -> !Ports.isTunnel(port)));
    }

    @Test
    void law8NoticesAFloodFromTunnelToTunnel() {
        assertBreaks(FloodTest::assertHolds, () -> forgettingOrigin(Ports::isTunnel));
    }

    @Test
    void theLawOfEcnNoticesALostCongestionMark() {
        assertBreaks(
                EcnTest::assertHoldsAtDecap,
                () -> stages(
                        "decap", packet -> packet.outerTos(packet.outerTos() & ~1), verdict -> false, packet -> {}));
    }

    /** A bridge that forgets, now and then, where a frame came from, and so that it must not go there. */
    private static UnaryOperator<Stage> forgettingOrigin(IntPredicate ports) {
        int[] left = {CIRCLES};
        Consumer<Packet> forget = packet -> {
            if (ports.test(packet.inPort()) && left[0]-- > 0) {
                packet.inPort(Packet.NO_PORT);
            }
        };
        return stages("forward", packet -> {}, Verdict::isFlood, forget);
    }

    /** In place of the stage with a name, one that does something before it, and after it where the verdict fits. */
    private static UnaryOperator<Stage> stages(
            String name, Consumer<Packet> before, IntPredicate verdict, Consumer<Packet> after) {
        return stage -> stage.name().equals(name) ? new MistakenStage(stage, before, verdict, after) : stage;
    }

    private record MistakenStage(Stage stage, Consumer<Packet> before, IntPredicate verdict, Consumer<Packet> after)
            implements Stage {
        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public void process(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                before.accept(batch.packet(i));
            }
            stage.process(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (verdict.test(batch.verdict(i))) {
                    after.accept(batch.packet(i));
                }
            }
        }
    }

    private static void assertBreaks(BiConsumer<Gen, UnaryOperator<Stage>> law, Supplier<UnaryOperator<Stage>> bug) {
        Seed first = Seed.ofThisRun();
        SplittableRandom seeds = first.random();
        for (int i = 0; i < SEEDS; i++) {
            try {
                law.accept(new Gen(new Seed(seeds.nextLong())), bug.get());
            } catch (AssertionError noticed) {
                return;
            }
        }
        fail(first + ": the bug broke nothing");
    }
}
