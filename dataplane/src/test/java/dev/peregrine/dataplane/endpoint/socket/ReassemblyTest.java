package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Reassembly against a plain list of fragments. */
class ReassemblyTest {
    private static final int FRAGMENTS = 500;

    private final ReassemblyModel model = new ReassemblyModel();

    /**
     * Short fragments of few datagrams close to each other, so that all of it happens: gaps, overlaps, duplicates,
     * ends.
     */
    @SeededTest
    void equalsAPlainListOfFragments() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int round = 0; round < 100; round++) {
            int keys = 1 + random.nextInt(128);
            int units = 1 + random.nextInt(round % 2 == 0 ? 4 : 200);
            ByteBuffer story = ByteBuffer.allocate(6 * FRAGMENTS);
            for (int i = 0; i < FRAGMENTS; i++) {
                int length = random.nextInt(4) == 0 ? 1 + random.nextInt(24) : 8;
                story.put((byte) random.nextInt(keys)).put((byte) (random.nextInt(16) == 0 ? 1 : 0));
                story.putShort((short) random.nextInt(units))
                        .putShort((short) (length << 1 | (random.nextInt(8) == 0 ? 0 : 1)));
            }
            assertDoesNotThrow(() -> model.run(story.array()), seed::toString);
        }
    }
}
