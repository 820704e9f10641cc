package dev.peregrine.dataplane.policy.conntrack;

import static dev.peregrine.dataplane.policy.conntrack.FlowStates.ASSURED_WAYS;
import static dev.peregrine.dataplane.policy.conntrack.FlowStates.WAYS;

/**
 * Decides which slot a new flow gets, and which established flow makes room among the assured ones: max-min fairness
 * between segments within the flow's sets. Owned by one worker.
 */
final class SlotChoice {
    /** No slot may be taken. */
    static final int NONE = -1;

    /** There is room without taking it from anyone. */
    static final int FREE = -2;

    /** Ranks of flows by value, the first to be evicted first; a new flow never evicts an assured one. */
    private static final int OVER = 0;

    private static final int OPENING = 1;
    private static final int ESTABLISHED = 2;
    private static final int ASSURED = 3;
    private static final int UNUSED = 4;

    private final FlowStates states;
    private final int[] slots = new int[2 * WAYS];
    private final long[] words = new long[2 * WAYS];
    private final int[] ranks = new int[2 * WAYS];

    /** How many flows worth keeping each of the sets has. */
    private final int[] crowds = new int[2];

    private int count;
    private int chosen;

    SlotChoice(FlowStates states) {
        this.states = states;
    }

    /** The state that the chosen slot had when it was chosen. */
    long state() {
        return words[chosen];
    }

    /** The slot for a new flow of a segment, or {@link #NONE}. */
    int place(int firstSet, int secondSet, int segment, int tick) {
        count = 0;
        int firstFree = look(firstSet, tick);
        int secondFree = look(secondSet, tick);
        if (firstFree + secondFree > 0) {
            chosen = unused(firstFree >= secondFree ? 0 : WAYS);
            return slots[chosen];
        }
        // Opening and closed flows compete first, since they are evicted before established ones of any segment.
        chosen = victim(OVER, OPENING, segment, 0, tick);
        if (chosen < 0) {
            chosen = victim(ESTABLISHED, ESTABLISHED, segment, fairShare(segment, ESTABLISHED), tick);
        }
        return chosen < 0 ? NONE : slots[chosen];
    }

    /**
     * The slot of the assured flow that makes room for {@code state}; {@link #FREE} when there is room already,
     * {@link #NONE} when every other segment has fewer and the flow's own has none to give.
     */
    int demotion(int set, long state, int slot, int tick) {
        count = 0;
        look(set, tick);
        int assured = 0;
        for (int i = 0; i < count; i++) {
            assured += ranks[i] == ASSURED && slots[i] != slot ? 1 : 0;
        }
        if (assured < ASSURED_WAYS) {
            return FREE;
        }
        int segment = StateWord.segment(state);
        chosen = victim(ASSURED, ASSURED, segment, fairShare(segment, ASSURED), tick);
        return chosen < 0 ? NONE : slots[chosen];
    }

    /** Reads a set; returns how many of its slots are unused. */
    private int look(int set, int tick) {
        int free = 0;
        int crowd = 0;
        for (int way = 0; way < WAYS; way++) {
            int slot = FlowStates.slot(set, way);
            long word = states.state(slot);
            int rank = rank(word, tick);
            free += rank == UNUSED ? 1 : 0;
            crowd += rank == ESTABLISHED || rank == ASSURED ? 1 : 0;
            slots[count] = slot;
            words[count] = word;
            ranks[count] = rank;
            count++;
        }
        crowds[(count - 1) / WAYS] = crowd;
        return free;
    }

    private int rank(long word, int tick) {
        if (!states.isUsed(word, tick)) {
            return StateWord.phase(word) == StateWord.BUSY ? ASSURED : UNUSED;
        }
        if (StateWord.isOver(word)) {
            return OVER;
        }
        return !StateWord.isEstablished(word) ? OPENING : StateWord.isAssured(word) ? ASSURED : ESTABLISHED;
    }

    private int unused(int from) {
        int at = from;
        while (ranks[at] != UNUSED) {
            at++;
        }
        return at;
    }

    /**
     * Among the flows of some ranks: of the segment that has most, the first to go, the longest silent. The segment
     * that asks is counted with the flow that it wants, and gives way itself when no other has more.
     *
     * @param above how many, counted twice, the segment that gives a flow up must have more than
     */
    private int victim(int lowest, int highest, int asking, int above, int tick) {
        int best = NONE;
        int bestShare = above;
        int counted = NONE;
        int share = 0;
        for (int i = 0; i < count; i++) {
            if (ranks[i] < lowest || ranks[i] > highest || !StateWord.isLive(words[i])) {
                continue;
            }
            int segment = StateWord.segment(words[i]);
            if (segment != counted) { // in a flood they are mostly of one
                share = 2 * share(segment, lowest, highest) + (segment == asking ? 3 : 0);
                counted = segment;
            }
            if (share > bestShare || (share == bestShare && best >= 0 && goesBefore(i, best, tick))) {
                best = i;
                bestShare = share;
            }
        }
        return best;
    }

    /** Twice what a segment will have of a rank with one flow more: others give one up only if they keep as many. */
    private int fairShare(int segment, int rank) {
        return 2 * share(segment, rank, rank) + 2;
    }

    private int share(int segment, int lowest, int highest) {
        int share = 0;
        for (int i = 0; i < count; i++) {
            boolean counts = ranks[i] >= lowest && ranks[i] <= highest && StateWord.segment(words[i]) == segment;
            share += counts ? 1 : 0;
        }
        return share;
    }

    /**
     * A flow that is over goes first, then one in the emptier set, so that sets fill evenly, then the longest silent.
     */
    private boolean goesBefore(int one, int other, int tick) {
        boolean isOneSegment = StateWord.segment(words[one]) == StateWord.segment(words[other]);
        if (isOneSegment && ranks[one] != ranks[other]) {
            return ranks[one] < ranks[other];
        }
        int crowding = Integer.compare(crowds[one / WAYS], crowds[other / WAYS]);
        return crowding != 0 ? crowding < 0 : StateWord.age(words[one], tick) > StateWord.age(words[other], tick);
    }
}
