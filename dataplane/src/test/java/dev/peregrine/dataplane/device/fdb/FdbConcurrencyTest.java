package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FdbConcurrencyTest {
    private static final long BASE = 0x0200_0000_0000L;
    private static final long STEADY = BASE + (1 << 20);
    private static final int MACS = 3000;
    private static final int READERS = 2;
    private static final int STEPS = Seed.rounds(2_000_000);

    private final Fdb fdb = new Fdb(2000);
    private final AtomicBoolean done = new AtomicBoolean();

    /** A MAC may be on its own two ports and on no other. */
    private static int port(int mac, SplittableRandom random) {
        return 2 * mac + random.nextInt(2);
    }

    @Test
    void aReaderNeverSeesAPortThatTheMacWasNeverOn() throws Exception {
        long seed = System.nanoTime();
        fdb.configure(0, MACS, 0);
        fdb.add(0, STEADY, 7, true, 0);
        List<Future<Long>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            for (int i = 0; i < READERS; i++) {
                long readerSeed = seed + 1 + i;
                readers.add(threads.submit(() -> read(new SplittableRandom(readerSeed))));
            }
            churn(new SplittableRandom(seed));
            done.set(true);
            for (Future<Long> reader : readers) {
                assertNotEquals(0, reader.get(30, TimeUnit.SECONDS), "a reader found nothing, seed " + seed);
            }
        } finally {
            done.set(true);
        }
    }

    private void churn(SplittableRandom random) {
        for (int step = 0; step < STEPS; step++) {
            int mac = random.nextInt(MACS);
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4 -> fdb.delete(0, BASE + mac);
                case 5 -> fdb.add(0, BASE + mac, port(mac, random), false, step);
                default -> fdb.learn(0, BASE + mac, port(mac, random), step);
            }
            if (step % 50_000 == 0) {
                fdb.flush(0, Fdb.ANY, false);
            }
        }
    }

    private long read(SplittableRandom random) {
        FdbReader reader = fdb.reader();
        long found = 0;
        long now = 0;
        while (!done.get() || found == 0) {
            reader.forget();
            int mac = random.nextInt(MACS);
            if (reader.find(0, BASE + mac)) {
                assertEquals(mac, reader.port() / 2, "port of another MAC");
                reader.refresh(now += 1_000_000_000L);
                found++;
            }
            reader.find(0, STEADY);
            assertEquals(7, reader.port(), "an entry that never changed was not found");
        }
        return found;
    }
}
