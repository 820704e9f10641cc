package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.TcpHeader;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpTransitionTest {
    /** The fast path only notes where a plain segment stands, so it must not take one that would do more, or less. */
    @ParameterizedTest
    @MethodSource("phases")
    void aPlainSegmentMovesNothingButWindowsInASteadyPhase(int phase) {
        for (boolean openedByLow : new boolean[] {true, false}) {
            long state = StateWord.opened(0, 7, phase, openedByLow, 1);
            for (boolean fromLow : new boolean[] {true, false}) {
                boolean stays = next(state, fromLow, true) == state && next(state, fromLow, false) == state;
                boolean notesWindows = phase != StateWord.SYN_SENT && !StateWord.isOver(state);
                assertEquals(
                        stays && notesWindows,
                        TcpTransition.isSteady(state, fromLow),
                        () -> "phase " + phase + ", opened by low " + openedByLow + ", from low " + fromLow);
            }
        }
    }

    private static long next(long state, boolean fromLow, boolean belongs) {
        return TcpTransition.next(state, TcpHeader.ACK, fromLow, belongs);
    }

    private static IntStream phases() {
        return IntStream.range(0, StateWord.PHASES)
                .filter(phase -> StateWord.isTcp(StateWord.opened(0, 7, phase, true, 1)));
    }

    /** An end that has forgotten nothing answers a SYN with an ACK alone (RFC 9293, section 3.10.7.4). */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAcknowledgmentBeforeTheHandshakePassesAndMayNotTakeTheFastPath(boolean openedByLow) {
        long state = StateWord.opened(0, 7, StateWord.SYN_SENT, openedByLow, 1);
        assertEquals(state, next(state, !openedByLow, false));
        assertFalse(TcpTransition.isSteady(state, !openedByLow));
    }

    @Test
    void anEstablishedConnectionIsSteadyBothWays() {
        long state = StateWord.opened(0, 7, StateWord.ESTABLISHED, true, 1);
        assertTrue(TcpTransition.isSteady(state, true) && TcpTransition.isSteady(state, false));
    }
}
