package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.machine.Noise;
import dev.peregrine.bench.wire.row.LossRow;
import dev.peregrine.bench.wire.row.Plan;
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
        Plan plan = Samples.plan(List.of(Mode.WIRE, Mode.OFFLOAD), Rows.ONE_FLOW_SMALL_GRO, Rows.LOSS, Rows.PING);
        assertEquals(golden(), Report.markdown(plan, Samples.MACHINE, results()));
    }

    /** One contender has losses that no place names, and a neighbour. */
    private static Results results() {
        Results results = Samples.results();
        Map<String, Double> few =
                Map.of(LossRow.LOST_PERCENT, 0.5, LossRow.SENT, 1000.0, LossRow.LOST, 5.0, "cpuNanosPerPacket", 2500.0);
        Map<String, Double> more = Map.of(
                LossRow.LOST_PERCENT, 2.0, LossRow.SENT, 1000.0, LossRow.LOST, 20.0, "cpuNanosPerPacket", 3000.0);
        String row = Rows.LOSS.id();
        results.add(new Sample("wire", row, "kernel", 1, few, Map.of("cB/Udp/RcvbufErrors", 5L), Noise.NONE));
        Map<String, Long> drops = Map.of("hB/Udp/RcvbufErrors", 12L, "cA/Tcp/RetransSegs", 1L);
        Noise noise = new Noise(true, 0.5, 31.5, 2.25, Map.of("compiler", 30.0));
        results.add(new Sample("wire", row, "peregrine", 1, more, drops, noise));
        return results;
    }

    private static String golden() throws IOException {
        try (InputStream file = ReportTest.class.getResourceAsStream("report.md")) {
            assertNotNull(file);
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
