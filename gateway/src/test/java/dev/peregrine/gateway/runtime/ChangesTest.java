package dev.peregrine.gateway.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.config.change.Difference;
import dev.peregrine.gateway.config.change.RandomConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A worker does not answer at one of the steps of a change, at every one of them in turn: then what the gateway says
 * that it has is what it has, and the change can be repeated, or taken back.
 */
@Timeout(120)
class ChangesTest {
    private static final int PAIRS = 15;

    private final long seed = Long.getLong("peregrine.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private int failed;

    @Tag("slow")
    @Test
    void aChangeThatFailsCanBeRepeatedOrTakenBack() throws IOException {
        RandomConfig configs = RandomConfig.ofSockets(random);
        for (int i = 0; i < PAIRS; i++) {
            GatewayConfig before = configs.next();
            GatewayConfig after = configs.next();
            ChangingWorld sure = new ChangingWorld(before);
            int asked = sure.graphs().asked();
            sure.follow(after);
            int steps = sure.graphs().asked() - asked;
            assertEquals(new ChangingWorld(after).contents(), sure.contents(), "seed " + seed + ", pair " + i);
            for (int step = 0; step < steps; step++) {
                String where = "seed " + seed + ", pair " + i + ", step " + step + " of " + steps + "\n"
                        + Difference.between(before, after);
                for (int failures = 1; failures <= 2; failures++) {
                    failAt(step, failures, before, after, after, where + "\nrepeated");
                    failAt(step, failures, before, after, before, where + "\ntaken back");
                }
            }
        }
        assertTrue(failed > PAIRS, "failures " + failed);
    }

    private void failAt(
            int step, int failures, GatewayConfig before, GatewayConfig after, GatewayConfig then, String where)
            throws IOException {
        ChangingWorld world = new ChangingWorld(before);
        world.graphs().answer(step, failures);
        for (int i = 0; i < failures; i++) {
            try {
                world.follow(i == 0 ? after : then);
            } catch (IOException | ChangeUnconfirmed expected) {
                failed++;
            }
        }
        world.graphs().answer(0, 0);
        world.finish();
        List<String> said = new ChangingWorld(world.config()).contents();
        assertEquals(said, world.contents(), where + ": it has what it says");
        world.follow(then);
        assertEquals(new ChangingWorld(then).contents(), world.contents(), where);
    }
}
