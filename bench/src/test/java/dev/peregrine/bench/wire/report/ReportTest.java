package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.LossRow;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void readsAsTheGoldenOne() throws IOException {
        Lineup lineup = Samples.lineup(List.of(Mode.WIRE, Mode.OFFLOAD), Rows.ONE_FLOW_SMALL_GRO, Rows.LOSS, Rows.PING);
        assertEquals(golden(), Samples.outcome(lineup, results()).report());
    }

    /** One contender has losses that no place names, and a neighbour. */
    private static Results results() {
        Results results = Samples.results();
        Map<String, Double> few = Map.of(
                LossRow.LOST_PERCENT, 0.5, LossRow.SENT, 1000.0, LossRow.LOST, 5.0, Row.CPU_PER_PACKET.name(), 2500.0);
        Map<String, Double> more = Map.of(
                LossRow.LOST_PERCENT, 2.0, LossRow.SENT, 1000.0, LossRow.LOST, 20.0, Row.CPU_PER_PACKET.name(), 3000.0);
        String point = Wire.point(Mode.WIRE, Rows.LOSS);
        results.add(new Sample(point, "kernel", 1, few, Map.of("cB/Udp/RcvbufErrors", 5L), Noise.NONE));
        Map<String, Long> drops = Map.of("hB/Udp/RcvbufErrors", 12L, "cA/Tcp/RetransSegs", 1L);
        Noise noise = new Noise(true, 0.5, 31.5, 2.25, Map.of("compiler", 30.0));
        results.add(new Sample(point, "peregrine", 1, more, drops, noise));
        return results;
    }

    private static String golden() throws IOException {
        try (InputStream file = ReportTest.class.getResourceAsStream("report.md")) {
            assertNotNull(file);
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
