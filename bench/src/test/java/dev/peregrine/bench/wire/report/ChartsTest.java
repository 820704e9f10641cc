package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.report.Chart;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartsTest {
    @Test
    void belongsToRowsOfOneUnit() {
        Plan plan = Samples.plan(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO, Rows.ONE_STREAM, Rows.PING);
        List<Chart> charts = Charts.of(plan, Mode.WIRE, Samples.results());
        assertEquals(
                List.of("wire-udp-gro.svg", "wire-latency.svg"),
                charts.stream().map(Chart::fileName).toList());
        assertEquals(List.of("kernel", "peregrine"), charts.get(1).series());
    }
}
