package dev.peregrine.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class IntervalTest {
    @Test
    void isAPointWhereAllValuesAreEqual() {
        assertEquals(new Interval(5, 5, 5), Interval.of(List.of(5.0, 5.0, 5.0)));
    }

    @Test
    void liesWithinTheValuesAndHoldsTheirMedian() {
        Interval interval = Interval.of(List.of(1.0, 2.0, 3.0, 4.0, 100.0));
        assertEquals(3, interval.median());
        assertTrue(interval.low() >= 1 && interval.low() < 3, interval.text());
        assertTrue(interval.high() > 3 && interval.high() <= 100, interval.text());
    }

    @Test
    void growsNarrowerWithMoreValues() {
        Interval few = Interval.of(values(5));
        Interval many = Interval.of(values(101));
        assertTrue(many.high() - many.low() < few.high() - few.low(), few.text() + " " + many.text());
    }

    private static List<Double> values(int count) {
        return DoubleStream.iterate(0, value -> value + 100.0 / (count - 1))
                .limit(count)
                .boxed()
                .toList();
    }
}
