package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
    @Test
    void hasTheFieldsOfEveryBenchmark() {
        Lineup lineup = Samples.lineup(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO);
        JsonNode result = Samples.outcome(lineup, Samples.results()).json();
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
    void namesModeRowAndContenderOfASample() {
        Lineup lineup = Samples.lineup(List.of(Mode.WIRE), Rows.PING);
        ObjectNode node = new ObjectMapper().createObjectNode();
        new Wire(lineup, List.of(), List.of()).addNames(node, Wire.point(Mode.WIRE, Rows.PING), "host");
        assertEquals("{\"mode\":\"wire\",\"row\":\"ping\",\"contender\":\"host\"}", node.toString());
    }
}
