package dev.peregrine.fastpath;

/**
 * Whether looking flows up pays at the moment. A look-up that finds nothing is lost time, and to put a flow in the place of
 * another costs what several hits save. Where hits do not make up for both, because there are far more flows than places or
 * flows are short, only one batch in {@value #SAMPLE} is looked up, until they would, by what that sample shows. The others walk the chain.
 *
 * <p>Belongs to one worker; not thread-safe.
 */
final class Payoff {
    /** Packets that are judged together. */
    static final int WINDOW = 4096;

    /** One batch in so many is looked up where it does not pay. */
    static final int SAMPLE = 32;

    /** So many hits save what it costs to observe a packet and put its flow in the place of another. */
    static final int EVICTION = 8;

    private static final long SILENT_NANOS = 50_000_000;

    private int packets;
    private int balance;
    private boolean pays = true;
    private int batch;

    /** Whether the next batch is to be looked up. */
    boolean isDue() {
        return pays || ++batch % SAMPLE == 0;
    }

    /** After which time without a packet that was looked up a flow sends too seldom to be kept. */
    long silentNanos() {
        return pays ? SILENT_NANOS : SAMPLE * SILENT_NANOS;
    }

    /** So many packets were looked up with and without success, and so many flows evicted. */
    void found(int hits, int misses, int evictions) {
        packets += hits + misses;
        balance += hits - misses - EVICTION * evictions;
        if (packets >= WINDOW) {
            pays = balance >= 0;
            packets = 0;
            balance = 0;
        }
    }
}
