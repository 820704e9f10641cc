package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.packet.Counter;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The flows of a table as the control thread sees and ends them, while workers follow them. */
public final class TrackedFlows {
    /** Places that {@link #entries} looks at: a look takes about a millisecond then. */
    private static final int MOST_LOOKED_AT = 1 << 20;

    /** The parts that the table is divided into for {@link #sweep}. */
    private static final int SWEEPS = 256;

    private final FlowStates states;
    private final int slots;
    private final Counter expired = new Counter();
    private final Counter flushed = new Counter();
    private int swept;

    TrackedFlows(FlowStates states) {
        this.states = states;
        slots = states.slots();
    }

    private static int slot(int number) {
        return FlowStates.slot(number / FlowStates.WAYS, number % FlowStates.WAYS);
    }

    /**
     * Ends the flows that are chosen among those that have not expired; returns how many. Where TCP connections are
     * picked up in their middle, those that end are kept in mind, so that the end that did not open one cannot have it
     * picked up again.
     */
    public int flush(Predicate<TrackedFlow> which, long nowNanos) {
        return end(which, states.picksUp(), nowNanos);
    }

    /** As {@link #flush}, for flows that no policy follows any more: leaves no mark. */
    public int forget(Predicate<TrackedFlow> which, long nowNanos) {
        return end(which, false, nowNanos);
    }

    private int end(Predicate<TrackedFlow> which, boolean remembers, long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        int ended = 0;
        for (int i = 0; i < slots; i++) {
            int slot = slot(i);
            long state = states.state(slot);
            TrackedFlow flow = flow(slot, state, tick);
            if (flow != null && which.test(flow) && end(slot, state, remembers, tick)) {
                ended++;
            }
        }
        flushed.add(ended);
        return ended;
    }

    /** Shows every flow that has not expired, in no order. */
    public void forEach(Consumer<TrackedFlow> visitor, long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        for (int i = 0; i < slots; i++) {
            int slot = slot(i);
            TrackedFlow flow = flow(slot, states.state(slot), tick);
            if (flow != null) {
                visitor.accept(flow);
            }
        }
    }

    /**
     * How many flows have not expired. Of a table with more than a million places it looks at the first million, which
     * are like the others since flows are hashed, and says how many that makes.
     */
    public long entries(long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        int looked = Math.min(slots, MOST_LOOKED_AT);
        long found = 0;
        for (int i = 0; i < looked; i++) {
            long state = states.state(slot(i));
            if (states.isUsed(state, tick) && !StateWord.isEnded(state)) {
                found++;
            }
        }
        return found * (slots / looked);
    }

    /**
     * Frees the places of flows that have expired, in the next of the parts that the table is divided into. Ticks come
     * round after 52 days, and an expired flow would come back then: so the control thread calls this about once a
     * second, and sees the whole table every few minutes.
     */
    public void sweep(long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        int end = Math.min(slots, swept + Math.max(1, slots / SWEEPS));
        int freed = 0;
        for (int i = swept; i < end; i++) {
            int slot = slot(i);
            long state = states.state(slot);
            boolean isOver = StateWord.isLive(state) && !states.isUsed(state, tick);
            if (isOver && states.change(slot, state, StateWord.between(state, StateWord.FREE))) {
                freed++;
            }
        }
        swept = end == slots ? 0 : end;
        expired.add(freed);
    }

    /** The flow in a slot that has a state; null when there is none, or it is over by now. */
    private @Nullable TrackedFlow flow(int slot, long state, int tick) {
        if (!states.isUsed(state, tick) || StateWord.isEnded(state)) {
            return null;
        }
        int idle = StateWord.age(state, tick);
        TrackedFlow flow = states.records()
                .read(FlowStates.record(slot), state, idle, states.timeout(StateWord.phase(state)) - idle);
        VarHandle.acquireFence(); // the record was read before the state is looked at again
        return StateWord.isSameGeneration(state, states.state(slot)) ? flow : null;
    }

    /**
     * Ends the flow that a slot had when it was read, even if its packets change the state meanwhile; false when the
     * flow has ended.
     */
    private boolean end(int slot, long seen, boolean remembers, int tick) {
        for (long state = seen;
                StateWord.isLive(state) && StateWord.isSameGeneration(state, seen);
                state = states.state(slot)) {
            boolean goesOn = remembers && StateWord.isTcp(state) && !StateWord.isOver(state);
            long next = goesOn ? StateWord.ended(state, tick) : StateWord.between(state, StateWord.FREE);
            if (states.change(slot, state, next)) {
                return true;
            }
        }
        return false;
    }

    /** Flows whose place was freed when they had expired. */
    public long expired() {
        return expired.value();
    }

    /** Flows that were ended by {@link #flush}. */
    public long flushed() {
        return flushed.value();
    }
}
