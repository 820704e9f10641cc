package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.machine.Noise;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultFileTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void hasTheFieldsOfEveryBenchmark() throws JsonProcessingException {
        Plan plan = Samples.plan(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO);
        JsonNode result = JSON.readTree(ResultFile.json(plan, Samples.MACHINE, Samples.results()));
        assertEquals("wire", result.path("experiment").asText());
        assertEquals(
                "Pocket calculator, 2 CPUs, 2 GiB, Linux 6.18, Some JDK 25",
                result.path("machine").asText());
        assertEquals("scripts/bench wire --quick", result.path("command").asText());
        assertEquals(3, result.path("rounds").asInt());
        assertEquals(4, result.path("rows").size());
        JsonNode row = result.path("rows").path(0);
        assertEquals("udp/1x18/gro", row.path("row").asText());
        assertEquals("kernel", row.path("contender").asText());
        assertEquals(0.25, row.path("median").asDouble());
        assertEquals(0.24, row.path("min").asDouble());
        assertEquals(0.26, row.path("max").asDouble());
        assertEquals(4, row.path("peregrineAgainstThis").asDouble());
        assertEquals(false, row.path("overlapsPeregrine").asBoolean(true));
        assertEquals(true, result.path("rows").path(1).path("overlapsPeregrine").asBoolean());
        assertEquals(true, result.path("rows").path(3).path("overlapsPeregrine").isMissingNode());
        JsonNode check = result.path("checks").path(0);
        assertEquals(2.0, check.path("value").asDouble());
        assertEquals("×", check.path("unit").asText());
        assertEquals("≥ 1", check.path("bound").asText());
        assertEquals(true, check.path("holds").asBoolean());
    }

    @Test
    void keepsASampleInALine() throws JsonProcessingException {
        Noise noise = new Noise(true, 0.5, 31.5, 2.25, Map.of("compiler", 30.0));
        Sample sample = new Sample(
                "wire", "ping", "host", 2, Map.of("p50Micros", 8.5), Map.of("hB/Udp/RcvbufErrors", 7L), noise);
        String line = ResultFile.line(sample);
        assertEquals(1, line.lines().count());
        JsonNode json = JSON.readTree(line);
        assertEquals(8.5, json.path("metrics").path("p50Micros").asDouble());
        assertEquals(7, json.path("drops").path("hB/Udp/RcvbufErrors").asInt());
        assertEquals(true, json.path("noise").path("noisy").asBoolean());
        assertEquals(30.0, json.path("noise").path("processes").path("compiler").asDouble());
    }
}
