package dev.peregrine.dataplane.policy.conntrack;

/**
 * The whole state of one flow in {@link FlowStates}, except its key, in one word, so that it changes by one
 * compare-and-set.
 *
 * <pre>
 *   63        48 47        32 31           8 7     4   3   2     1         0
 *  +------------+------------+--------------+-------+-------+---------+---------+
 *  | generation |  segment   |  last seen   | phase | FINs  | opened  | assured |
 *  |            |            |   in ticks   |       | H   L | by low  |         |
 *  +------------+------------+--------------+-------+-------+---------+---------+
 * </pre>
 *
 * <p>The generation counts the flows that the slot has held. The two ends of a flow are called low and high, by the
 * order of their addresses and ports; opened by low: the low end sent the first packet. A tick is 2^28 ns, a quarter
 * of a second. Assured: the flow is established and its place is safe from new flows.
 */
final class StateWord {
    static final int FREE = 0;
    static final int BUSY = 1;
    static final int SYN_SENT = 2;
    static final int SYN_RECEIVED = 3;
    static final int ESTABLISHED = 4;
    static final int HALF_CLOSED = 5;
    static final int CLOSED = 6;
    static final int RESET = 7;
    static final int UDP = 8;
    static final int UDP_REPLIED = 9;
    static final int ECHO = 10;
    static final int ECHO_REPLIED = 11;
    static final int OTHER = 12;
    static final int OTHER_REPLIED = 13;
    static final int FRAGMENTS = 14;
    static final int PICKED_UP = 15;
    static final int PHASES = 16;

    /** Nanoseconds of a tick, as a power of two. */
    static final int TICK_BITS = 28;

    private static final int GENERATION_SHIFT = 48;
    private static final int SEGMENT_SHIFT = 32;
    private static final int SEEN_SHIFT = 8;
    private static final int SEEN_MASK = 0xff_ffff;
    private static final int PHASE_SHIFT = 4;
    private static final long PHASE_MASK = 0xf0;
    private static final long FIN_LOW = 4;
    private static final long FIN_HIGH = 8;
    private static final long OPENED_BY_LOW = 2;
    private static final long ASSURED = 1;
    private static final long ONE_GENERATION = 1L << GENERATION_SHIFT;
    private static final long GENERATION_MASK = -ONE_GENERATION;

    /** Differences of ticks from here on are negative: one worker's batch is a little older than another's. */
    private static final int NEGATIVE = 0xf0_0000;

    /** The longest age that can be represented, in ticks: 49 days. */
    static final int MAX_AGE = NEGATIVE - 1;

    private StateWord() {}

    /** The state of a new flow, of the generation after that of {@code previous}. */
    static long opened(long previous, int segment, int phase, boolean byLow, int tick) {
        return ((previous & GENERATION_MASK) + ONE_GENERATION)
                | (long) segment << SEGMENT_SHIFT
                | (long) tick << SEEN_SHIFT
                | (long) phase << PHASE_SHIFT
                | (byLow ? OPENED_BY_LOW : 0);
    }

    /** A slot between two flows, of the generation after that of {@code previous}. */
    static long between(long previous, int phase) {
        return ((previous & GENERATION_MASK) + ONE_GENERATION) | (long) phase << PHASE_SHIFT;
    }

    static boolean isSameGeneration(long word, long other) {
        return ((word ^ other) & GENERATION_MASK) == 0;
    }

    static int segment(long word) {
        return (int) (word >>> SEGMENT_SHIFT) & 0xffff;
    }

    static int phase(long word) {
        return (int) (word & PHASE_MASK) >>> PHASE_SHIFT;
    }

    static long phase(long word, int phase) {
        return (word & ~PHASE_MASK) | (long) phase << PHASE_SHIFT;
    }

    /** The phase as people see it. */
    static String word(long word) {
        return switch (phase(word)) {
            case UDP, ECHO, OTHER -> "unreplied";
            case UDP_REPLIED, ECHO_REPLIED, OTHER_REPLIED -> "replied";
            case SYN_SENT -> "syn_sent";
            case SYN_RECEIVED -> "syn_received";
            case ESTABLISHED -> "established";
            case HALF_CLOSED -> "half_closed";
            case CLOSED -> "closed";
            case RESET -> "reset";
            case FRAGMENTS -> "fragments";
            case PICKED_UP -> "picked_up";
            default -> "free";
        };
    }

    static boolean isLive(long word) {
        return phase(word) > BUSY;
    }

    static boolean isOpenedByLow(long word) {
        return (word & OPENED_BY_LOW) != 0;
    }

    static boolean isAssured(long word) {
        return (word & ASSURED) != 0;
    }

    static long assured(long word, boolean assured) {
        return assured ? word | ASSURED : word & ~ASSURED;
    }

    /** Notes a FIN from one end. */
    static long fin(long word, boolean fromLow) {
        return word | (fromLow ? FIN_LOW : FIN_HIGH);
    }

    static boolean hasBothFins(long word) {
        return (word & (FIN_LOW | FIN_HIGH)) == (FIN_LOW | FIN_HIGH);
    }

    /** Whether it is that of a TCP connection. */
    static boolean isTcp(long word) {
        int phase = phase(word);
        return (phase >= SYN_SENT && phase <= RESET) || phase == PICKED_UP;
    }

    /** Whether both ends have agreed to the flow: it is worth more than one that only one end wants. */
    static boolean isEstablished(long word) {
        return switch (phase(word)) {
            case ESTABLISHED, HALF_CLOSED, UDP_REPLIED, ECHO_REPLIED, OTHER_REPLIED -> true;
            default -> false;
        };
    }

    /** Whether both ends, or one of them by a reset, have ended the flow. */
    static boolean isOver(long word) {
        int phase = phase(word);
        return phase == CLOSED || phase == RESET;
    }

    /** A TCP connection that a command has ended: RESET after two FINs, which no segment leads to. */
    static long ended(long word, int tick) {
        return seen(assured(phase(word, RESET), false), tick) | FIN_LOW | FIN_HIGH;
    }

    /** Whether a command has ended the connection. */
    static boolean isEnded(long word) {
        return phase(word) == RESET && hasBothFins(word);
    }

    static int tick(long nowNanos) {
        return (int) (nowNanos >>> TICK_BITS) & SEEN_MASK;
    }

    static long seen(long word, int tick) {
        return (word & ~((long) SEEN_MASK << SEEN_SHIFT)) | (long) tick << SEEN_SHIFT;
    }

    /** Ticks since the flow was last seen, 0 to {@link #MAX_AGE}. */
    static int age(long word, int tick) {
        int age = (tick - (int) (word >>> SEEN_SHIFT)) & SEEN_MASK;
        return age >= NEGATIVE ? 0 : age;
    }
}
