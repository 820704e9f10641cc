package dev.peregrine.load.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class RequestsTest {
    private RunningServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new RunningServer("127.0.0.1");
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private JsonNode sum(String... options) throws IOException {
        JsonNode report = server.client("127.0.0.1", options).json();
        return report.at("/end/sum");
    }

    private static void assertAllAnswered(JsonNode sum) {
        long answered = sum.path("transactions").asLong();
        assertTrue(answered > 0, sum::toString);
        assertEquals(0, sum.path("lost").asLong());
        assertEquals(answered, sum.path("requests").asLong());
        assertEquals(answered, sum.at("/latency_us/count").asLong());
        assertTrue(sum.at("/latency_us/p50").asDouble() > 0);
        assertTrue(sum.at("/latency_us/p50").asDouble()
                <= sum.at("/latency_us/p99").asDouble());
    }

    @Test
    void measuresTcpRequestsOneAfterTheOther() throws IOException {
        assertAllAnswered(sum("--rr", "--time", "0.3"));
    }

    @Test
    void measuresUdpRequestsOneAfterTheOther() throws IOException {
        assertAllAnswered(sum("--rr", "--udp", "--time", "0.3", "--length", "1000"));
    }

    @Test
    void measuresTcpRequestsAtARate() throws IOException {
        JsonNode sum = sum("--rr", "--rate", "200", "--time", "0.5", "--parallel", "2");
        assertAllAnswered(sum);
        assertTrue(sum.path("requests").asLong() <= 2 * 101, sum::toString);
    }

    @Test
    void measuresUdpRequestsAtARate() throws IOException {
        assertAllAnswered(sum("--rr", "--udp", "--rate", "200", "--time", "0.5"));
    }
}
