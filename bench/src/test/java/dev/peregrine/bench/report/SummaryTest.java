package dev.peregrine.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    @Test
    void takesTheMiddleOfAnOddNumberInAnyOrder() {
        assertEquals(new Summary(3, 1, 100, 5), Summary.of(List.of(100.0, 1.0, 3.0, 2.0, 4.0)));
    }

    @Test
    void takesTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
        assertEquals(new Summary(2.5, 1, 9, 4), Summary.of(List.of(9.0, 2.0, 3.0, 1.0)));
    }

    @Test
    void isTheValueWhereThereIsOnlyOne() {
        assertEquals(new Summary(7, 7, 7, 1), Summary.of(List.of(7.0)));
    }

    @Test
    void refusesNothing() {
        assertThrows(IllegalArgumentException.class, () -> Summary.of(List.of()));
    }
}
