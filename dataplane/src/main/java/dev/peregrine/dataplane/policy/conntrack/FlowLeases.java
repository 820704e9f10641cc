package dev.peregrine.dataplane.policy.conntrack;

/**
 * States of flows whose packets pass elsewhere, where a decision rests on the word of {@link FlowStates#word}: keeps
 * them alive, and tells how long they live. Not for TCP connections, whose segments have to be followed. Any thread.
 */
public final class FlowLeases {
    /** The bits of a word that decide: all but those of its age. */
    public static final long DECIDING_BITS = StateWord.seen(-1, 0);

    private final FlowStates states;

    /** Leases in a table. */
    public FlowLeases(FlowStates states) {
        this.states = states;
    }

    /**
     * Notes when a packet of a flow passed last.
     *
     * @param place where {@link FlowStates} has it
     * @param seen the word by which it passed
     * @return until when the flow lives without further packets, at least; 0 where its state has changed, or has
     *     expired
     */
    public long passed(int place, long seen, long usedNanos, long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        long state = states.state(place);
        if (((state ^ seen) & DECIDING_BITS) != 0 || !states.isUsed(state, tick)) {
            return 0;
        }
        int used = StateWord.tick(usedNanos);
        if (StateWord.age(state, used) >= FlowTracker.REFRESH_TICKS) {
            long younger = StateWord.seen(state, used);
            state = states.change(place, state, younger) ? younger : state; // else a worker changes it just now
        }
        long ticks = Math.max(0, states.timeout(state) - StateWord.age(state, tick));
        return nowNanos + (ticks << StateWord.TICK_BITS);
    }
}
