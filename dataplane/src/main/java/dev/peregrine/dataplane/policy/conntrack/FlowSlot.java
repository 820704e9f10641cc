package dev.peregrine.dataplane.policy.conntrack;

import static dev.peregrine.dataplane.policy.conntrack.FlowStates.WAYS;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.invoke.VarHandle;

/** One worker's cursor over the slots of {@link FlowStates}: finds the slot of a flow, changes it, or makes one. */
final class FlowSlot {
    /** Losing this number of races for a place in a row means that the table is in no state to take flows. */
    private static final int ATTEMPTS = 4;

    private final FlowStates states;
    private final SlotChoice choice;
    private final FlowTally tally;
    private int slot;
    private long state;

    FlowSlot(FlowStates states, FlowTally tally) {
        this.tally = tally;
        this.states = states;
        choice = new SlotChoice(states);
    }

    /** The state of the flow, as it was last read or written by this worker. */
    long state() {
        return state;
    }

    /** The number of the slot's record and windows. */
    int record() {
        return FlowStates.record(slot);
    }

    /**
     * Whether a plain packet of one direction moves at most the windows of the flow, see {@link
     * TcpTransition#isSteady}.
     */
    boolean isSteady(boolean fromLow) {
        return !StateWord.isTcp(state) || TcpTransition.isSteady(state, fromLow);
    }

    /** Notes in a recording that the decision rests on this state, about packets of one direction. */
    void leave(FlowRecording recording, boolean fromLow) {
        if (StateWord.isTcp(state)) {
            recording.require(states.connections(), ConnectionPrecondition.place(slot, fromLow), state);
        } else {
            recording.require(states, slot, state);
        }
    }

    /** Moves to the slot of a flow; false when there is none, or the flow has expired. */
    boolean find(StateKey key, int tick) {
        return find(key, states.firstSet(key), tick) || find(key, states.secondSet(key), tick);
    }

    private boolean find(StateKey key, int set, int tick) {
        int begin = FlowStates.slot(set, 0);
        for (int candidate = begin; candidate < begin + WAYS; candidate++) {
            if (states.tag(candidate) == key.tag()) {
                long found = read(candidate, key);
                if (states.isUsed(found, tick)) {
                    slot = candidate;
                    state = found;
                    return true;
                }
            }
        }
        return false;
    }

    /** The state of a slot if the slot is that of the key, else one that is not live. */
    private long read(int candidate, StateKey key) {
        long found = states.state(candidate);
        boolean matches = states.tag(candidate) == key.tag() && states.check(candidate) == key.check();
        boolean settled = StateWord.isSameGeneration(found, states.state(candidate));
        return matches && settled ? found : StateWord.FREE;
    }

    /** Replaces the state that was found; false when another worker was faster: then the flow must be found again. */
    boolean change(long next) {
        if (states.change(slot, state, next)) {
            state = next;
            return true;
        }
        return false;
    }

    /** Begins the flow again that was found over; false when another worker was faster. */
    boolean reopen(StateKey key, Packet packet, boolean in, int phase, int tick) {
        if (!change(StateWord.opened(state, packet.segment(), phase, key.isFromLow(), tick))) {
            return false;
        }
        states.records().write(record(), key, packet, in);
        return true;
    }

    /** The first bytes of the transport header that the flow began with. */
    int transport() {
        return states.records().transport(record());
    }

    /** Makes a flow that was not found; false when there is no place. */
    boolean insert(StateKey key, Packet packet, boolean in, int phase, int tick) {
        int segment = packet.segment();
        for (int i = 0; i < ATTEMPTS; i++) {
            int chosen = choice.place(states.firstSet(key), states.secondSet(key), segment, tick);
            if (chosen < 0) {
                return false;
            }
            long before = choice.state();
            long opened = StateWord.opened(before, segment, phase, key.isFromLow(), tick);
            if (states.claim(chosen, before, key, packet, in, opened)) {
                tally.evicted.add(states.isUsed(before, tick) ? 1 : 0);
                slot = chosen;
                state = opened;
                settle(key, tick);
                return true;
            }
        }
        return false;
    }

    /**
     * Makes sure that the flow has one slot, the lowest, should another worker have inserted it just now as well. The
     * fence is between publishing this slot and looking for the other; both workers do so, and at least one sees both.
     */
    private void settle(StateKey key, int tick) {
        VarHandle.fullFence();
        settle(key, states.firstSet(key), tick);
        settle(key, states.secondSet(key), tick);
    }

    private void settle(StateKey key, int set, int tick) {
        int begin = FlowStates.slot(set, 0);
        for (int other = begin; other < begin + WAYS; other++) {
            if (other == slot || states.tag(other) != key.tag()) {
                continue;
            }
            long found = read(other, key);
            if (!StateWord.isLive(found)) {
                continue;
            }
            if (other < slot && states.isUsed(found, tick)) {
                states.change(slot, state, StateWord.between(state, StateWord.FREE));
                slot = other;
                state = found;
            } else {
                states.change(other, found, StateWord.between(found, StateWord.FREE));
            }
        }
    }

    /**
     * Makes an established flow safe from new ones, if need be at the expense of another established flow of the same
     * set, which then only loses that safety: of the segment that has most, the longest silent.
     */
    void assure(int tick) {
        int loser = choice.demotion(FlowStates.set(slot), state, slot, tick);
        if (loser == SlotChoice.NONE) {
            return;
        }
        if (loser != SlotChoice.FREE) {
            long other = choice.state();
            if (!states.change(loser, other, StateWord.assured(other, false))) {
                return;
            }
        }
        change(StateWord.assured(state, true));
    }
}
