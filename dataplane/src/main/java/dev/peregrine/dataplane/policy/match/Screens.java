package dev.peregrine.dataplane.policy.match;

import java.util.Arrays;

/**
 * The demands of the rules of a {@link TupleTable} on addresses and ports, side by side, so that the search skips most
 * rules that do not hold for a frame without reading them. Only the last 32 bits of an IPv6 address count.
 *
 * <pre>
 *  one element, 32 bytes:
 *  +-------------+-------------+-------------+-------------+
 *  |  host bits  |    hosts    |  port bits  |    ports    |    bits: which of them the rule asks for
 *  +-------------+-------------+-------------+-------------+
 *                                ^ the highest one: the rule asks for nothing else
 * </pre>
 */
final class Screens {
    private static final int WORDS = 4;
    private static final long ALL_THERE_IS = Long.MIN_VALUE;

    private long[] words;

    Screens(int capacity) {
        words = new long[capacity * WORDS];
    }

    private Screens(long[] words) {
        this.words = words;
    }

    Screens copy() {
        return new Screens(words.clone());
    }

    void enlarge(int capacity) {
        words = Arrays.copyOf(words, capacity * WORDS);
    }

    /**
     * Describes a rule's entry.
     *
     * @param example a frame that meets it
     * @param exact which bits of the example the rule asks for
     * @param alone whether the rule holds for each frame with ports that has these bits
     */
    void put(int element, FrameFields example, Tuple exact, boolean alone) {
        int at = element * WORDS;
        words[at] = exact.hostsMask();
        words[at + 1] = example.hosts() & exact.hostsMask();
        words[at + 2] = exact.endsMask() | (alone ? ALL_THERE_IS : 0);
        words[at + 3] = example.ends & exact.endsMask();
    }

    /** Copies an element of another table. */
    void put(int element, Screens other, int from) {
        System.arraycopy(other.words, from * WORDS, words, element * WORDS, WORDS);
    }

    /** Whether the rule of an element may hold for a frame, by its {@link FrameFields#hosts} and ends. */
    boolean admits(int element, long hosts, long ends) {
        int at = element * WORDS;
        return (((hosts & words[at]) ^ words[at + 1]) | ((ends & words[at + 2]) ^ words[at + 3])) == 0;
    }

    /** Whether a rule that may hold for a frame with ports does. */
    boolean suffices(int element) {
        return words[element * WORDS + 2] < 0;
    }
}
