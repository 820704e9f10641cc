package dev.peregrine.bench.chain;

/**
 * Work of a known length that touches no memory: stands for code that we do not have, such as the kernel's in a stage.
 * Belongs to one worker.
 */
public final class BusyWork {
    private static final int CALIBRATION_ROUNDS = 2_000_000;
    private static final int CALIBRATIONS = 15;

    private final int rounds;
    private long state = 1;

    /** Work that takes {@code nanos} nanoseconds, to about two. */
    public BusyWork(double nanos) {
        this((int) Math.round(nanos / Calibration.NANOS_PER_ROUND));
    }

    private BusyWork(int rounds) {
        this.rounds = rounds;
    }

    /** Measured once, when first needed: the quickest of several tries, since interruptions only lengthen them. */
    private static final class Calibration {
        private static final double NANOS_PER_ROUND = nanosPerRound();

        private static double nanosPerRound() {
            BusyWork work = new BusyWork(CALIBRATION_ROUNDS);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < CALIBRATIONS; i++) {
                long begin = System.nanoTime();
                work.once();
                best = Math.min(best, System.nanoTime() - begin);
            }
            if (work.state == 0) throw new AssertionError("xorshift never comes to 0");
            return (double) best / CALIBRATION_ROUNDS;
        }
    }

    /** Does it once. Each round needs the result of the one before (xorshift), so no core can hurry. */
    public void once() {
        long x = state;
        for (int i = 0; i < rounds; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        state = x;
    }

    /** Does it {@code count} times. */
    public void times(int count) {
        for (int i = 0; i < count; i++) {
            once();
        }
    }
}
