package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TEN_MEGABITS = 10_000_000;
    private static final int PASSED = Verdict.forward(0);
    private static final int RATE_LIMITED = Verdict.drop(DropReason.RATE_LIMIT);

    @Test
    void passesTheBurstAndThenTheRate() {
        TokenBucket bucket = new TokenBucket(1000, TokenBucket.UNLIMITED, 10, 1, 0);
        int passed = 0;
        while (bucket.admit(1, 1500, 0)) {
            passed++;
        }
        assertEquals(10, passed);
        assertEquals(RATE_LIMITED, verdict(bucket, 0));
        assertEquals(PASSED, verdict(bucket, 1));
        assertEquals(RATE_LIMITED, verdict(bucket, SECOND / 1000));
        assertEquals(PASSED, verdict(bucket, SECOND / 1000 + 1));
    }

    private static int verdict(TokenBucket bucket, long nowNanos) {
        return bucket.admit(1, 60, nowNanos) ? PASSED : RATE_LIMITED;
    }

    @Test
    void isNeverFullerThanTheBurst() {
        TokenBucket bucket = new TokenBucket(1000, TokenBucket.UNLIMITED, 5, 1, 0);
        int passed = 0;
        while (bucket.admit(1, 60, 3600 * SECOND)) {
            passed++;
        }
        assertEquals(5, passed);
    }

    @Test
    void letsASuperframePassAndRepaysItsDebt() {
        try (PacketPool pool = new PacketPool(1, 1)) {
            Packet packet = Packets.frame(
                    pool, FrameBuilder.tcp4().payload(14_480).partialChecksum().build());
            packet.cut(54, 1448);
            assertEquals(10, packet.wirePackets());
            TokenBucket packets = new TokenBucket(1000, TokenBucket.UNLIMITED, 1, 1, 0);
            TokenBucket bits = new TokenBucket(TokenBucket.UNLIMITED, 8_000_000, 1, 1, 0);
            assertTrue(packets.admit(packet, 0));
            assertTrue(bits.admit(packet, 0));
            long repaid = 9 * SECOND / 1000; // ten packets, one of which was the burst
            assertFalse(packets.admit(packet, repaid));
            assertTrue(packets.admit(packet, repaid + 1));
            long bytes = 14_480 + 10 * 54 - 1; // a microsecond each; one byte was the burst
            assertFalse(bits.admit(packet, bytes * 1000));
            assertTrue(bits.admit(packet, bytes * 1000 + 1));
            pool.release(packet);
        }
    }

    @Test
    void costsNothingWhereItRefuses() {
        TokenBucket bucket = new TokenBucket(1000, 8_000_000, 1, 1_000_000, 0);
        assertTrue(bucket.admit(1, 1000, 0));
        for (int i = 0; i < 1_000_000; i++) {
            bucket.admit(1, 1000, 0);
        }
        assertTrue(bucket.admit(1, 1000, SECOND / 1000 + 1));
    }

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {1, 2, 3, 8})
    void holdsTenMegabitsWithinFivePercentWhateverTheNumberOfWorkers(int workers) {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        long start = random.nextLong();
        TokenBucket bucket = TokenBucket.of(TokenBucket.UNLIMITED, TEN_MEGABITS, TokenBucket.DEFAULT_BURST, start);
        long[] clocks = new long[workers];
        long bytes = 0;
        for (long t = 0; t < 30 * SECOND; t += random.nextLong(2_000_000)) {
            int worker = random.nextInt(workers); // its clock may be late by a batch
            clocks[worker] = Math.max(clocks[worker], t - random.nextLong(100_000));
            int packets = random.nextInt(8) == 0 ? 1 + random.nextInt(43) : 1;
            int length = packets * (60 + random.nextInt(1455));
            bytes += bucket.admit(packets, length, start + clocks[worker]) ? length : 0;
        }
        double rate = bytes * 8 / 30.0;
        assertEquals(TEN_MEGABITS, rate, TEN_MEGABITS * 0.05, seed + ", " + workers + " workers");
    }

    @Test
    void neverPassesMoreThanRateAndBurstInAnyTime() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int round = 0; round < Seed.rounds(200); round++) {
            long rate = 1 + random.nextLong(1_000_000);
            long burst = 1 + random.nextLong(1000);
            TokenBucket bucket = new TokenBucket(rate, TokenBucket.UNLIMITED, burst, 1, 0);
            long passed = 0;
            long t = 0;
            for (int i = 0; i < 5000; i++) {
                t += random.nextInt(20) == 0 ? random.nextLong(SECOND / 10) : random.nextLong(2000);
                int packets = 1 + random.nextInt(44);
                passed += bucket.admit(packets, 1, t) ? packets : 0;
                double most = rate * (t / 1e9) * 1.001 + burst + 44;
                assertTrue(passed <= most, seed + ": " + passed + " passed, at most " + most);
            }
        }
    }

    @Test
    void isExactUnderThreadsThatRace() throws Exception {
        int workers = 4;
        long burst = 1000;
        TokenBucket bucket = new TokenBucket(1_000_000, TokenBucket.UNLIMITED, burst, 1, 0);
        AtomicLong passed = new AtomicLong();
        CyclicBarrier barrier = new CyclicBarrier(workers);
        Thread[] threads = new Thread[workers];
        int steps = 20_000;
        long step = 1_000; // a microsecond: one packet
        for (int i = 0; i < workers; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                long mine = 0;
                try {
                    barrier.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                for (int k = 0; k < steps; k++) {
                    mine += bucket.admit(1, 60, k * step) ? 1 : 0;
                }
                passed.addAndGet(mine);
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        // Threads may be apart by all of the time, so a late one finds nothing left, but never does more pass.
        assertTrue(passed.get() <= steps + burst + workers, "passed " + passed.get());
        assertTrue(passed.get() >= steps, "passed " + passed.get());
    }

    @Test
    void refusesWrongLimits() {
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(-1, 0, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, 1, 0, 1, 0));
    }
}
