package dev.peregrine.bench.wire;

import static dev.peregrine.bench.wire.Contender.KERNEL;
import static dev.peregrine.bench.wire.Contender.OVS;
import static dev.peregrine.bench.wire.Contender.PEREGRINE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.report.Summary;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private static final Row ROW = Rows.ONE_FLOW_SMALL_GRO;

    private final Results results = Samples.results();

    @Test
    void dividesTheMedianOfTheFirstByThatOfTheSecond() {
        assertEquals(Optional.of(4.0), results.ratio(Mode.WIRE, ROW, PEREGRINE, KERNEL));
        assertEquals(Optional.of(0.25), results.ratio(Mode.WIRE, ROW, KERNEL, PEREGRINE));
    }

    @Test
    void hasNoRatioWhereOneSideIsMissing() {
        assertEquals(Optional.empty(), results.ratio(Mode.WIRE, Rows.PING, OVS, PEREGRINE));
        assertEquals(Optional.empty(), results.ratio(Mode.OFFLOAD, ROW, PEREGRINE, KERNEL));
    }

    @Test
    void hasNoRatioToNothing() {
        Samples.add(results, Mode.OFFLOAD, ROW, PEREGRINE, 1);
        Samples.add(results, Mode.OFFLOAD, ROW, KERNEL, 0);
        assertEquals(Optional.empty(), results.ratio(Mode.OFFLOAD, ROW, PEREGRINE, KERNEL));
    }

    @Test
    void sumsUpEveryMetricOfALine() {
        results.add(new Sample("wire", ROW.id(), KERNEL.id(), 4, Map.of("mpps", 0.27, "gbps", 3.0)));
        assertEquals(
                Map.of("mpps", new Summary(0.255, 0.24, 0.27, 4), "gbps", new Summary(3, 3, 3, 1)),
                results.metrics(Mode.WIRE, ROW, KERNEL));
    }

    @Test
    void keepsTheFirstReasonOfAFailure() {
        results.fail("wire · ovs · ping", "another reason");
        assertEquals(Map.of("wire · ovs · ping", "no answer came back"), results.failures());
    }
}
