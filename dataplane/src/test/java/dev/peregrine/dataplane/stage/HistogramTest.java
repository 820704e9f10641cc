package dev.peregrine.dataplane.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void countsEachValueInTheFirstBucketThatHasRoomForIt() {
        Histogram histogram = new Histogram(1, 3);
        for (long value : new long[] {0, 1, 2, 3, 4, 5, 8, 9, Long.MAX_VALUE / 2}) histogram.add(value);
        assertEquals(List.of("2: 3", "4: 2", "8: 2", Long.MAX_VALUE + ": 2"), buckets(histogram));
        assertEquals(32 + Long.MAX_VALUE / 2, histogram.sum());
    }

    @Test
    void tellsSingleValuesApartFromPairs() {
        Histogram histogram = new Histogram(0, 1);
        for (long value : new long[] {1, 2, 3}) histogram.add(value);
        assertEquals(List.of("1: 1", "2: 1", Long.MAX_VALUE + ": 1"), buckets(histogram));
    }

    private static List<String> buckets(Histogram histogram) {
        List<String> buckets = new ArrayList<>();
        for (int i = 0; i < histogram.buckets(); i++) {
            buckets.add(histogram.bound(i) + ": " + histogram.count(i));
        }
        return buckets;
    }
}
