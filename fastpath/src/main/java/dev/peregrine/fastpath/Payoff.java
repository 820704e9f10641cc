package dev.peregrine.fastpath;

/**
 * Whether looking flows up pays at the moment. A look-up that finds nothing is lost time: where fewer than half of the
 * packets find their flow, because there are far more flows than places or flows are short, only one batch in
 * {@value #SAMPLE} is looked up, until half of its packets find theirs again. The others walk the chain.
 *
 * <p>Belongs to one worker; not thread-safe.
 */
final class Payoff {
    /** Packets that are judged together. */
    static final int WINDOW = 4096;

    /** One batch in so many is looked up where it does not pay. */
    static final int SAMPLE = 8;

    private int packets;
    private int hits;
    private boolean pays = true;
    private int batch;

    /** Whether the next batch is to be looked up. */
    boolean isDue() {
        return pays || ++batch % SAMPLE == 0;
    }

    /** A batch was looked up: so many packets had a flow, and so many of these were found. */
    void found(int ofPackets, int found) {
        packets += ofPackets;
        hits += found;
        if (packets >= WINDOW) {
            pays = 2 * hits >= packets;
            packets = 0;
            hits = 0;
        }
    }
}
