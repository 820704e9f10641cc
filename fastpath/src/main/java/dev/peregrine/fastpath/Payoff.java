package dev.peregrine.fastpath;

/**
 * Whether looking flows up pays at the moment. A look-up that finds nothing is lost time, and to put a flow in the place of
 * another costs what several hits save. It does not pay where hits make up for neither, because there are far more flows
 * than places or flows are short. That is known after a trial, which is long enough for flows as many as places to be seen,
 * let in, and found; then nothing is looked up for {@value #REST} times as long, until the next trial.
 *
 * <p>Belongs to one worker; not thread-safe.
 */
final class Payoff {
    /** Wire packets that are judged together. */
    static final int WINDOW = 4096;

    /** Packets of a trial for each place: two until a flow is let in, and more to find it. */
    static final int TRIAL = 4;

    /** How many times as long as a trial nothing is looked up after it. */
    static final int REST = 31;

    /** How many hits save what it costs to observe a packet and put its flow in the place of another. */
    static final int EVICTION = 8;

    private final int trialWindows;
    private int packets;
    private int balance;

    /** Windows of the trial that are left; they begin anew with each window that pays. */
    private int windows;

    private long restPackets;

    /** For a table of a number of places. */
    Payoff(int capacity) {
        trialWindows = Math.ceilDiv(TRIAL * capacity, WINDOW);
        windows = trialWindows;
    }

    /** Whether the next batch is not to be looked up. */
    boolean isResting() {
        return restPackets > 0;
    }

    /** Takes note of wire packets that were not looked up. */
    void rested(int wirePackets) {
        restPackets -= wirePackets;
    }

    /** Takes note of wire packets that were looked up with and without success, and of evicted flows. */
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
