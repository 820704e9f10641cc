package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.TcpHeader;

/**
 * How a TCP segment moves the state of its flow on (RFC 9293 section 3.3.2, seen from between the ends).
 *
 * <pre>
 *              SYN or SYN,ACK of the answerer       ACK of the opener
 *   SYN_SENT -------------------------> SYN_RECEIVED --------> ESTABLISHED -- FIN --> HALF_CLOSED -- other FIN --> CLOSED
 *      |                                     |                      |                      |
 *      +---------------- RST ----------------+----------------------+----------------------+--> RESET
 * </pre>
 *
 * <p>A reset or a FIN whose sequence number does not fit its connection passes and changes nothing; so does an ACK that
 * would complete a handshake. It was sent blindly, or the receiver asks for a better one (RFC 5961).
 *
 * <p>A SYN from either end may begin a new connection in CLOSED and RESET; rules decide about that. A SYN while a
 * connection is established passes and changes nothing: the receiver answers it with an ACK if it still knows the
 * connection (RFC 5961 section 4), and the sender then resets the connection if it does not. After a reset only
 * duplicates of it pass. PICKED_UP is a connection that began unseen; it is established once both ends were heard.
 *
 * <p>A connection that a command has ended begins again with a SYN, or is picked up with a segment of the end that
 * opened it, and rules decide about both. The other end cannot have it picked up: rules may let that end begin
 * connections, but they have not been asked whether this one may live.
 */
final class TcpTransition {
    /** The segment cannot be of this flow. */
    static final long INVALID = -1;

    /** The flow is over, and the segment asks for a new one. */
    static final long NEW = -2;

    private static final int KINDS = TcpHeader.SYN | TcpHeader.ACK | TcpHeader.FIN | TcpHeader.RST;

    private TcpTransition() {}

    /** Whether a segment may have these flags at all. */
    static boolean isPossible(int flags) {
        return switch (flags & KINDS) {
            case TcpHeader.SYN,
                    TcpHeader.SYN | TcpHeader.ACK,
                    TcpHeader.ACK,
                    TcpHeader.FIN | TcpHeader.ACK,
                    TcpHeader.RST,
                    TcpHeader.RST | TcpHeader.ACK -> true;
            default -> false;
        };
    }

    /** Whether the flags are those of a connection's first segment. */
    static boolean isOpening(int flags) {
        return (flags & KINDS) == TcpHeader.SYN;
    }

    /** Whether the flags are those of a segment in the middle of a connection. */
    static boolean isMidstream(int flags) {
        return (flags & KINDS) == TcpHeader.ACK;
    }

    /**
     * Whether a segment with SYN carries its sender's initial sequence number; once a connection is established it does
     * not.
     */
    static boolean isHandshake(long state, int flags, boolean fromLow) {
        return switch (StateWord.phase(state)) {
            case StateWord.SYN_SENT -> fromLow != StateWord.isOpenedByLow(state) || isOpening(flags);
            case StateWord.SYN_RECEIVED -> true;
            default -> false;
        };
    }

    /** Whether hearing such a segment in the phase it leads to proves that the connection lives on. */
    static boolean refreshes(long state, int flags) {
        return switch (StateWord.phase(state)) {
            case StateWord.CLOSED, StateWord.RESET -> false;
            case StateWord.ESTABLISHED, StateWord.HALF_CLOSED -> (flags & (TcpHeader.SYN | TcpHeader.RST)) == 0;
            default -> (flags & TcpHeader.RST) == 0;
        };
    }

    /**
     * Whether a segment with ACK and neither SYN, FIN nor RST moves at most the {@link TcpWindows}, whatever its
     * sequence number. Only then may it take a fast path, which knows no transitions.
     */
    static boolean isSteady(long state, boolean fromLow) {
        return switch (StateWord.phase(state)) {
            case StateWord.ESTABLISHED, StateWord.HALF_CLOSED -> true;
            case StateWord.SYN_RECEIVED -> fromLow != StateWord.isOpenedByLow(state);
            case StateWord.PICKED_UP -> fromLow == StateWord.isOpenedByLow(state);
            default -> false;
        };
    }

    /**
     * The state after a segment, or {@link #INVALID} or {@link #NEW}.
     *
     * @param state a {@link StateWord} of a TCP phase
     * @param flags possible ones
     * @param fromLow whether the flow's low end sent it
     * @param belongs whether it stands where one of the connection must, see {@link TcpWindows}
     */
    static long next(long state, int flags, boolean fromLow, boolean belongs) {
        boolean fromOpener = fromLow == StateWord.isOpenedByLow(state);
        if (StateWord.isOver(state)) {
            return StateWord.isEnded(state) ? afterACommand(flags, fromOpener) : afterTheEnd(state, flags);
        }
        if ((flags & TcpHeader.RST) != 0) {
            return belongs ? StateWord.phase(state, StateWord.RESET) : state;
        }
        return switch (StateWord.phase(state)) {
            case StateWord.SYN_SENT -> fromOpener ? retried(state, flags) : answered(state, flags);
            case StateWord.SYN_RECEIVED ->
                belongs && fromOpener && (flags & TcpHeader.ACK) != 0
                        ? finished(StateWord.phase(state, StateWord.ESTABLISHED), flags, fromLow)
                        : state;
            case StateWord.PICKED_UP ->
                fromOpener || !belongs
                        ? state
                        : finished(StateWord.phase(state, StateWord.ESTABLISHED), flags, fromLow);
            default -> belongs ? finished(state, flags, fromLow) : state;
        };
    }

    private static long afterTheEnd(long state, int flags) {
        if (isOpening(flags)) {
            return NEW;
        }
        boolean passes = StateWord.phase(state) == StateWord.CLOSED || (flags & TcpHeader.RST) != 0;
        return passes ? state : INVALID;
    }

    private static long afterACommand(int flags, boolean fromOpener) {
        return isOpening(flags) || (fromOpener && isMidstream(flags)) ? NEW : INVALID;
    }

    /** Before it had an answer the opener sends its SYN again and nothing else. */
    private static long retried(long state, int flags) {
        return isOpening(flags) ? state : INVALID;
    }

    /** An ACK alone is the answer of an end that still knows an older connection; the opener will reset that. */
    private static long answered(long state, int flags) {
        return (flags & TcpHeader.SYN) != 0 ? StateWord.phase(state, StateWord.SYN_RECEIVED) : state;
    }

    private static long finished(long state, int flags, boolean fromLow) {
        if ((flags & TcpHeader.FIN) == 0) {
            return state;
        }
        long closing = StateWord.fin(state, fromLow);
        return StateWord.phase(closing, StateWord.hasBothFins(closing) ? StateWord.CLOSED : StateWord.HALF_CLOSED);
    }
}
