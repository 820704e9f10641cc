package dev.peregrine.load.perf.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TotalsTest {
    private static Totals received(Streams streams) {
        return Totals.of(streams, 0, 2);
    }

    private static Streams streams(long... sequences) {
        Streams streams = new Streams(1);
        for (long sequence : sequences) {
            streams.sequences().count(0, sequence);
            streams.packets(0).add(1);
            streams.bytes(0).add(100);
        }
        return streams;
    }

    @Test
    void countsAsLostWhatWasSentFirstAndLast() {
        Totals row = received(streams(2, 3, 5));
        assertEquals(1, row.lost());
        assertEquals(5, row.outOf(8).lost());
        assertEquals(8, row.outOf(8).expected());
        assertEquals(62.5, row.outOf(8).lostPercent());
    }

    @Test
    void countsADatagramOnceThatCameTwice() {
        Totals row = received(streams(0, 1, 1, 2));
        assertEquals(3, row.packets());
        assertEquals(0, row.outOf(3).lost());
    }

    @Test
    void countsWhatComesLateAsReorderedAndNotAsLost() {
        Totals row = received(streams(0, 2, 1, 3));
        assertEquals(0, row.lost());
        assertEquals(1, row.reordered());
    }

    @Test
    void readsWhatTheOtherSideWrote() {
        Streams streams = streams(0, 1, 1, 3);
        streams.seconds(2);
        streams.jitterNanos(0).set(1_500_000);
        assertEquals(received(streams), Totals.of(streams.results(), 0));
    }

    @Test
    void dividesWhatCameInAnIntervalByItsLength() {
        Totals before = Totals.of(streams(0, 1), 0, 1);
        Totals interval = Totals.of(streams(0, 1, 2, 3, 4, 5), 0, 3).since(before);
        assertEquals(400, interval.bytes());
        assertEquals(1600, interval.bitsPerSecond());
    }
}
