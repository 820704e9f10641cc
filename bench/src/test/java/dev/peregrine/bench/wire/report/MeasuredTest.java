package dev.peregrine.bench.wire.report;

import static dev.peregrine.bench.wire.lab.Contender.KERNEL;
import static dev.peregrine.bench.wire.lab.Contender.KERNEL_TUNED;
import static dev.peregrine.bench.wire.lab.Contender.OVS;
import static dev.peregrine.bench.wire.lab.Contender.PEREGRINE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasuredTest {
    private static final Row ROW = Rows.ONE_FLOW_SMALL_GRO;

    private final Results results = Samples.results();
    private final Measured measured = new Measured(results);

    @Test
    void dividesTheMedianOfTheFirstByThatOfTheSecond() {
        assertEquals(Optional.of(4.0), value(Mode.WIRE, ROW, PEREGRINE, KERNEL));
        assertEquals(Optional.of(0.25), value(Mode.WIRE, ROW, KERNEL, PEREGRINE));
    }

    @Test
    void comparesNothingWhereOneSideIsMissing() {
        assertEquals(Optional.empty(), value(Mode.WIRE, Rows.PING, OVS, PEREGRINE));
        assertEquals(Optional.empty(), value(Mode.OFFLOAD, ROW, PEREGRINE, KERNEL));
    }

    @Test
    void hasNoRatioToNothing() {
        Samples.add(results, Mode.OFFLOAD, ROW, PEREGRINE, 1);
        Samples.add(results, Mode.OFFLOAD, ROW, KERNEL, 0);
        assertEquals(Optional.empty(), value(Mode.OFFLOAD, ROW, PEREGRINE, KERNEL));
    }

    @Test
    void subtractsShares() {
        Samples.add(results, Mode.WIRE, Rows.LOSS, KERNEL, 0, 0, 0);
        Samples.add(results, Mode.WIRE, Rows.LOSS, PEREGRINE, 2.5, 1, 4);
        Comparison loss =
                measured.compare(Mode.WIRE, Rows.LOSS, PEREGRINE, KERNEL).orElseThrow();
        assertEquals("+2.50 points", loss.text());
    }

    @Test
    void marksRangesThatOverlap() {
        assertEquals("4", text(Rows.ONE_FLOW_SMALL_GRO, PEREGRINE, KERNEL));
        assertEquals("2 ≈", text(Rows.ONE_FLOW_SMALL_GRO, PEREGRINE, KERNEL_TUNED));
        Samples.add(results, Mode.WIRE, Rows.LOSS, KERNEL, 0, 1, 2);
        Samples.add(results, Mode.WIRE, Rows.LOSS, PEREGRINE, 2, 2, 3);
        assertEquals("+1 points ≈", text(Rows.LOSS, PEREGRINE, KERNEL));
    }

    private String text(Row row, Contender one, Contender other) {
        return measured.compare(Mode.WIRE, row, one, other).orElseThrow().text();
    }

    private Optional<Double> value(Mode mode, Row row, Contender one, Contender other) {
        return measured.compare(mode, row, one, other).map(Comparison::value);
    }

    @Test
    void sumsUpEveryMetricOfALine() {
        results.add(Samples.sample(Mode.WIRE, ROW, KERNEL, 4, Map.of("mpps", 0.27, "gbps", 3.0)));
        assertEquals(
                Map.of("mpps", new Summary(0.255, 0.24, 0.27, 4), "gbps", new Summary(3, 3, 3, 1)),
                measured.metrics(Mode.WIRE, ROW, KERNEL));
    }

    @Test
    void keepsTheFirstReasonOfAFailure() {
        results.fail("wire · ovs · ping", "another reason");
        assertEquals(Map.of("wire · ovs · ping", "no answer came back"), results.failures());
    }
}
