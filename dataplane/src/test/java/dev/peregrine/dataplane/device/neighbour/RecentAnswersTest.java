package dev.peregrine.dataplane.device.neighbour;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecentAnswersTest {
    private static final long ASKER = 0x0200_0000_0001L;
    private static final long HIGH = 0x2001_0db8L << 32;
    private static final long LOW = 7;
    private static final long MEMORY = RecentAnswers.MEMORY_NANOS;

    private final RecentAnswers answers = new RecentAnswers();

    @Test
    void theSameQuestionIsARepetitionForAWhile() {
        long now = Long.MAX_VALUE - MEMORY; // a clock may overflow
        assertFalse(answers.repeats(0, HIGH, LOW, ASKER, now));
        assertTrue(answers.repeats(0, HIGH, LOW, ASKER, now + MEMORY - 1));
        assertTrue(answers.repeats(0, HIGH, LOW, ASKER, now + 2 * MEMORY - 2), "counted from the last answer");
        assertFalse(answers.repeats(0, HIGH, LOW, ASKER, now + 3 * MEMORY - 2));
    }

    @Test
    void anotherQuestionIsNot() {
        assertFalse(answers.repeats(0, HIGH, LOW, ASKER, 0));
        assertFalse(answers.repeats(0, HIGH, LOW, ASKER + 1, 0), "of another");
        assertFalse(answers.repeats(0, HIGH, LOW + 1, ASKER, 0), "for another");
        assertFalse(answers.repeats(0, HIGH + 1, LOW, ASKER, 0), "for another");
        assertFalse(answers.repeats(1, HIGH, LOW, ASKER, 0), "in another segment");
        assertTrue(answers.repeats(0, HIGH, LOW, ASKER, 0));
    }

    @Test
    void aFloodOfQuestionsLeavesTheLatest() {
        for (int i = 0; i < 10_000; i++) {
            assertFalse(answers.repeats(0, HIGH, i, ASKER, 0));
        }
        int remembered = 0;
        for (int i = 9_999; i >= 0; i--) {
            remembered += answers.repeats(0, HIGH, i, ASKER, 0) ? 1 : 0;
        }
        assertTrue(remembered > 64 && remembered <= 256, remembered + " questions");
    }
}
