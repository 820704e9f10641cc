package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.row.LossRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossesTest {
    @Test
    void countsARoundWithoutDropsAsZero() {
        Losses losses =
                Losses.of(List.of(sample(0, 0, Map.of("a", 4L)), sample(0, 0, Map.of()), sample(0, 0, Map.of())));
        assertEquals(Map.of("a", new Summary(0, 0, 4, 3)), losses.places());
        assertEquals(Optional.empty(), losses.unexplained());
        assertEquals(List.of(List.of("a", "0 (0 to 4)")), losses.lines());
    }

    @Test
    void namesWhatNoPlaceExplains() {
        Losses losses = Losses.of(List.of(sample(1000, 900, Map.of("a", 60L, "b", 20L))));
        assertEquals(Optional.of(new Summary(20, 20, 20, 1)), losses.unexplained());
        assertEquals(Optional.of(new Summary(2, 2, 2, 1)), losses.unexplainedPercent());
    }

    @Test
    void explainsNothingByWhatWasSentAgainOrNotSent() {
        Map<String, Long> counts = Map.of("cA/Tcp/RetransSegs", 10L, "cA/Udp/SndbufErrors", 5L);
        Losses losses = Losses.of(List.of(sample(1000, 990, counts)));
        assertEquals(Optional.of(new Summary(10, 10, 10, 1)), losses.unexplained());
    }

    @Test
    void hasNoLineWhereEverythingIsExplained() {
        Losses losses = Losses.of(List.of(sample(1000, 990, Map.of("a", 11L))));
        assertEquals(List.of(List.of("a", "11 (11 to 11)")), losses.lines());
    }

    private static Sample sample(double sent, double received, Map<String, Long> drops) {
        Map<String, Double> metrics = Map.of(LossRow.SENT, sent, LossRow.LOST, sent - received);
        return new Sample("row", "kernel", 1, metrics, drops, Noise.NONE);
    }
}
