package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void readsAsTheGoldenOne() throws IOException {
        Plan plan = Samples.plan(List.of(Mode.WIRE, Mode.OFFLOAD), Rows.ONE_FLOW_SMALL_GRO, Rows.PING);
        assertEquals(golden(), Report.markdown(plan, Samples.MACHINE, Samples.results()));
    }

    private static String golden() throws IOException {
        try (InputStream file = ReportTest.class.getResourceAsStream("report.md")) {
            assertNotNull(file);
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
