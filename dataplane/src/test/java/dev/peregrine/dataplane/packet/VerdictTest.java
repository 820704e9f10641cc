package dev.peregrine.dataplane.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void keepsKindAndArgument() {
        int forward = Verdict.forward(3);
        assertTrue(Verdict.isForward(forward));
        assertFalse(Verdict.isFlood(forward) || Verdict.isDrop(forward) || Verdict.isAnswer(forward));
        assertEquals(3, Verdict.argument(forward));
        assertEquals("forward 3", Verdict.toString(forward));
        assertTrue(Verdict.isFlood(Verdict.flood(70_000)));
        assertEquals(70_000, Verdict.argument(Verdict.flood(70_000)));
        assertTrue(Verdict.isAnswer(Verdict.answer(0)));
    }

    @Test
    void keepsEveryDropReason() {
        for (DropReason reason : DropReason.values()) {
            int verdict = Verdict.drop(reason);
            assertTrue(Verdict.isDrop(verdict));
            assertEquals(reason, Verdict.reason(verdict));
            assertEquals("drop " + reason, Verdict.toString(verdict));
        }
    }

    @Test
    void keepsExitAndReasonOfAnAnswer() {
        int served = Verdict.answer(70_000);
        assertEquals(70_000, Verdict.answerExit(served));
        assertFalse(Verdict.isLoss(served));
        assertEquals("answer 70000", Verdict.toString(served));
        for (DropReason reason : DropReason.values()) {
            int lost = Verdict.answer(70_000, reason);
            assertTrue(Verdict.isAnswer(lost) && Verdict.isLoss(lost));
            assertEquals(70_000, Verdict.answerExit(lost));
            assertEquals(reason, Verdict.reason(lost));
            assertEquals("answer 70000 for " + reason, Verdict.toString(lost));
        }
    }

    @Test
    void namesWhatIsNoDecision() {
        assertEquals("unset", Verdict.toString(Verdict.UNSET));
        assertEquals("consumed", Verdict.toString(Verdict.CONSUMED));
        assertEquals("invalid 0x7000000", Verdict.toString(7 << 24));
    }

    @Test
    void explainsEveryDropReasonInOneSentence() {
        for (DropReason reason : DropReason.values()) {
            assertTrue(reason.text().matches("[A-Z].*[.]"), reason::text);
        }
    }
}
