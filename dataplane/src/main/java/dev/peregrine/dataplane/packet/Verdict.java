package dev.peregrine.dataplane.packet;

/**
 * The decision of a stage about a packet: an int, so that a decision costs nothing and can be remembered.
 *
 * <pre>
 *   31          24 23                                            0
 *  +--------------+-----------------------------------------------+
 *  |     kind     |  exit, flood group, or ordinal of the reason  |
 *  +--------------+-----------------------------------------------+
 *  |    answer    | reason + 1 |              exit                |    23..17, 16..0
 *  +--------------+-----------------------------------------------+
 * </pre>
 */
public final class Verdict {
    /** No verdict yet; a packet that still has it after its stage is a bug of the stage. */
    public static final int UNSET = 0;

    /** The stage took the packet over and will release it. */
    public static final int CONSUMED = 1 << 24;

    private static final int FORWARD = 2 << 24;
    private static final int FLOOD = 3 << 24;
    private static final int DROP = 4 << 24;
    private static final int ANSWER = 5 << 24;
    private static final int ARGUMENT = (1 << 24) - 1;
    private static final int KIND = ~ARGUMENT;
    private static final int ANSWER_REASON = 17;
    private static final int ANSWER_EXIT = (1 << ANSWER_REASON) - 1;

    private static final DropReason[] REASONS = DropReason.values();

    private Verdict() {}

    /** The packet goes on by an exit of the stage. */
    public static int forward(int exit) {
        return FORWARD | exit;
    }

    /** A copy goes to each member of a flood group, except to where the packet came from. */
    public static int flood(int group) {
        return FLOOD | group;
    }

    /** The packet ends here and is counted. */
    public static int drop(DropReason reason) {
        return DROP | reason.index();
    }

    /** The packet was served and became its own reply (ARP, neighbour discovery), which leaves by an exit. */
    public static int answer(int exit) {
        return ANSWER | exit;
    }

    /** The packet is dropped and counted, and became the news of that (ICMP), which leaves by an exit. */
    public static int answer(int exit, DropReason reason) {
        return ANSWER | ((reason.index() + 1) << ANSWER_REASON) | exit;
    }

    /** Whether {@code verdict} is {@link #forward}. */
    public static boolean isForward(int verdict) {
        return (verdict & KIND) == FORWARD;
    }

    /** Whether {@code verdict} is {@link #flood}. */
    public static boolean isFlood(int verdict) {
        return (verdict & KIND) == FLOOD;
    }

    /** Whether {@code verdict} is {@link #drop}. */
    public static boolean isDrop(int verdict) {
        return (verdict & KIND) == DROP;
    }

    /** Whether {@code verdict} is {@link #answer}. */
    public static boolean isAnswer(int verdict) {
        return (verdict & KIND) == ANSWER;
    }

    /** The exit or group of a {@link #forward} or {@link #flood}. */
    public static int argument(int verdict) {
        return verdict & ARGUMENT;
    }

    /** The exit of an {@link #answer}. */
    public static int answerExit(int verdict) {
        return verdict & ANSWER_EXIT;
    }

    /** Whether an {@link #answer} is the news of a drop. */
    public static boolean isLoss(int verdict) {
        return (verdict & ARGUMENT) > ANSWER_EXIT;
    }

    /** The reason of a drop, or of an answer that {@link #isLoss}. */
    public static DropReason reason(int verdict) {
        int argument = verdict & ARGUMENT;
        return REASONS[isAnswer(verdict) ? (argument >>> ANSWER_REASON) - 1 : argument];
    }

    /** A verdict in words, for traces and assertions. */
    public static String toString(int verdict) {
        return switch (verdict & KIND) {
            case UNSET -> "unset";
            case CONSUMED -> "consumed";
            case FORWARD -> "forward " + argument(verdict);
            case FLOOD -> "flood " + argument(verdict);
            case DROP -> "drop " + reason(verdict);
            case ANSWER -> "answer " + answerExit(verdict) + (isLoss(verdict) ? " for " + reason(verdict) : "");
            default -> "invalid 0x" + Integer.toHexString(verdict);
        };
    }
}
