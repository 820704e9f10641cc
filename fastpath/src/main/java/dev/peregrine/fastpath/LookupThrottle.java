package dev.peregrine.fastpath;

/**
 * Decides whether look-ups pay at the moment. A look-up that misses is lost time, and an eviction costs as much as
 * several hits save. Look-ups do not pay where hits make up for neither, because there are far more flows than places,
 * or flows are short. A trial shows it; it is long enough for as many flows as places to be seen, admitted and found.
 * After a trial that did not pay, nothing is looked up for {@value #REST} times as long, until the next trial.
 *
 * <p>Belongs to one worker; not thread-safe.
 */
final class LookupThrottle {
    /** Wire packets that are judged together. */
    static final int WINDOW = 4096;

    /** Packets of a trial for each place: two until a flow is admitted, and more to find it. */
    static final int TRIAL = 4;

    /** The length of the pause after a trial that did not pay, in trials. */
    static final int REST = 31;

    /**
     * The number of hits that save the cost of one eviction: observing a packet and putting its flow in the place of
     * another.
     */
    static final int EVICTION = 8;

    private final int trialWindows;
    private int packets;
    private int balance;

    /** Windows left of the trial; a window that pays restarts the trial. */
    private int windows;

    private long restPackets;

    /** For a table of a number of places. */
    LookupThrottle(int capacity) {
        trialWindows = Math.ceilDiv(TRIAL * capacity, WINDOW);
        windows = trialWindows;
    }

    /** Whether the next batch must not be looked up. */
    boolean isResting() {
        return restPackets > 0;
    }

    /** Counts wire packets that were not looked up. */
    void rested(int wirePackets) {
        restPackets -= wirePackets;
    }

    /** Counts wire packets that were looked up with and without success, and evicted flows. */
    void found(int hits, int misses, int evictions) {
        packets += hits + misses;
        balance += hits - misses - EVICTION * evictions;
        if (packets < WINDOW) {
            return;
        }
        windows = balance >= 0 ? trialWindows : windows - 1;
        if (windows == 0) {
            windows = trialWindows;
            restPackets = (long) REST * trialWindows * WINDOW;
        }
        packets = 0;
        balance = 0;
    }
}
