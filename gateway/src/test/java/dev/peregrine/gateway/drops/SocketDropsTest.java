package dev.peregrine.gateway.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SocketDropsTest {
    private final SocketDrops drops = new SocketDrops();

    private void assertCounts(long fullQueue, long wrongChecksum) {
        assertEquals(fullQueue, drops.fullQueue());
        assertEquals(wrongChecksum, drops.wrongChecksum());
    }

    @Test
    void tellsTheCausesApartByTheKernelsCounters() {
        drops.update(10, 10, 0);
        assertCounts(10, 0);
        drops.update(17, 10, 9);
        assertCounts(10, 7);
        drops.update(20, 13, 9);
        assertCounts(13, 7);
    }

    @Test
    void takesQueuesThatOverflowedAfterTheSocketWasReadForNoExplanationOfMore() {
        drops.update(4, 9, 3);
        assertCounts(4, 0);
        drops.update(12, 9, 3);
        assertCounts(9, 3);
    }

    @Test
    void leavesWhatNeitherCounterExplainsWithTheFullQueues() {
        drops.update(5, 0, 2);
        assertCounts(3, 2);
    }

    @Test
    void sumIsExactAndNothingFallsWhateverOthersInTheNamespaceDo() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        long socket = 0;
        long queues = 0;
        long checksums = 0;
        for (int round = 0; round < 10_000; round++) {
            long full = drops.fullQueue();
            long wrong = drops.wrongChecksum();
            socket += random.nextInt(5);
            queues += random.nextInt(5);
            checksums += random.nextInt(5);
            drops.update(socket, queues, checksums);
            assertEquals(socket, drops.fullQueue() + drops.wrongChecksum(), "seed " + seed);
            assertTrue(drops.fullQueue() >= full && drops.wrongChecksum() >= wrong, "seed " + seed);
            assertTrue(drops.wrongChecksum() <= checksums, "seed " + seed);
        }
    }
}
