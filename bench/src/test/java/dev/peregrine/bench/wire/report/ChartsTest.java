package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.report.BarChart;
import dev.peregrine.bench.report.Picture;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartsTest {
    @Test
    void belongsToRowsOfOneUnit() {
        Lineup lineup = Samples.lineup(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO, Rows.ONE_STREAM, Rows.PING);
        List<Picture> charts = Charts.of(lineup, Mode.WIRE, new Measured(Samples.results()));
        assertEquals(
                List.of("wire-udp-gro.png", "wire-latency.png"),
                charts.stream().map(Picture::fileName).toList());
        assertEquals(List.of("kernel", "peregrine"), ((BarChart) charts.get(1)).series());
    }
}
