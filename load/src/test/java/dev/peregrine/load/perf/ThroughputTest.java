package dev.peregrine.load.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ThroughputTest {
    private static final String LOOPBACK = "127.0.0.1";

    private RunningServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new RunningServer("::");
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private JsonNode client(String... options) throws IOException {
        return server.client(LOOPBACK, options).json();
    }

    private static long sum(JsonNode report, String field) {
        long sum = 0;
        for (JsonNode interval : report.path("intervals"))
            sum += interval.at("/sum/" + field).asLong();
        return sum;
    }

    @Test
    void countsTheSameTcpBytesOnBothSides() throws IOException {
        JsonNode report = client("--time", "0.4", "--interval", "0.1");
        long sent = report.at("/end/sum_sent/bytes").asLong();
        assertTrue(sent > 0);
        assertEquals(sent, report.at("/end/sum_received/bytes").asLong());
    }

    @Test
    void splitsTheTimeIntoIntervals() throws IOException {
        JsonNode report = client("--time", "0.5", "--interval", "0.1", "--rate", "80M", "--length", "10000");
        JsonNode intervals = report.path("intervals");
        assertTrue(intervals.size() >= 2, report::toString);
        for (int i = 1; i < intervals.size(); i++) {
            assertEquals(
                    intervals.get(i - 1).at("/sum/end").asDouble(),
                    intervals.get(i).at("/sum/start").asDouble());
        }
        long total = report.at("/end/sum_sent/bytes").asLong();
        assertTrue(sum(report, "bytes") <= total);
        assertTrue(sum(report, "bytes") >= total / 2, report::toString);
    }

    @Test
    void keepsTheRateOfTcp() throws IOException {
        JsonNode report = client("--time", "0.5", "--rate", "8M", "--length", "1000");
        // 500 writes of 1000 bytes are due; a slow machine makes fewer of them, never more.
        long sent = report.at("/end/sum_sent/bytes").asLong();
        assertTrue(sent > 0 && sent <= 502_000, report::toString);
    }

    @Test
    void givesEveryStreamARow() throws IOException {
        JsonNode report = client("--time", "0.2", "--parallel", "3");
        JsonNode rows = report.at("/end/streams");
        assertEquals(3, rows.size());
        long received = 0;
        for (JsonNode row : rows) received += row.at("/receiver/bytes").asLong();
        assertEquals(report.at("/end/sum_received/bytes").asLong(), received);
        assertEquals(3, report.at("/intervals/0/streams").size());
        assertEquals(3, report.at("/start/connected").size());
    }

    @Test
    void letsTheServerSend() throws IOException {
        JsonNode report = client("--time", "0.2", "--reverse", "--parallel", "2");
        assertEquals(1, report.at("/start/test_start/reverse").asInt());
        assertFalse(report.at("/intervals/0/sum/sender").asBoolean());
        long received = report.at("/end/sum_received/bytes").asLong();
        assertTrue(received > 0);
        assertEquals(report.at("/end/sum_sent/bytes").asLong(), received);
    }

    @Test
    void accountsForEveryDatagram() throws IOException {
        JsonNode report = client("--udp", "--time", "0.4", "--rate", "4M", "--length", "500");
        JsonNode sum = report.at("/end/sum");
        assertEquals("UDP", report.at("/start/test_start/protocol").asText());
        assertTrue(sum.path("packets").asLong() > 0);
        assertEquals(500 * sum.path("packets").asLong(), sum.path("bytes").asLong());
        assertEquals(0, sum.path("lost_packets").asLong());
        assertEquals(0, sum.path("out_of_order").asLong());
        assertEquals(
                sum.path("bytes").asLong(), report.at("/end/sum_received/bytes").asLong());
    }

    @Test
    void accountsForDatagramsOfTheServer() throws IOException {
        JsonNode report = client("--udp", "--reverse", "--time", "0.4", "--rate", "2M", "--parallel", "2");
        JsonNode sum = report.at("/end/sum");
        assertTrue(sum.path("packets").asLong() > 0);
        assertEquals(0, sum.path("lost_packets").asLong());
        assertEquals(2, report.at("/end/streams").size());
        assertTrue(report.at("/intervals/0/sum").has("lost_packets"));
    }

    @Test
    void sendsDatagramsOneByOneWithoutSegmentationOffload() throws IOException {
        JsonNode report = client("--udp", "--time", "0.3", "--rate", "4M", "--length", "100", "--gso", "off");
        assertEquals(0, report.at("/end/sum/lost_packets").asLong());
        assertTrue(report.at("/end/sum/packets").asLong() > 0);
    }

    @Test
    void reachesTheServerOverIpv6() throws IOException {
        JsonNode tcp = server.client("::1", "--time", "0.2").json();
        assertTrue(tcp.at("/end/sum_received/bytes").asLong() > 0);
        JsonNode udp = server.client("::1", "--time", "0.2", "--udp").json();
        assertEquals(0, udp.at("/end/sum/lost_packets").asLong());
        assertTrue(udp.at("/end/sum_received/bytes").asLong() > 0);
    }

    @Test
    void hasTheFieldsThatScriptsReadFromIperf3() throws IOException {
        JsonNode tcp = client("--time", "0.2");
        for (String field : new String[] {
            "/start/connected/0/remote_host",
            "/start/timestamp/timesecs",
            "/start/connecting_to/host",
            "/start/test_start/num_streams",
            "/intervals/0/streams/0/bits_per_second",
            "/intervals/0/sum/seconds",
            "/end/streams/0/sender/bits_per_second",
            "/end/streams/0/receiver/bytes",
            "/end/sum_sent/bits_per_second",
            "/end/sum_received/bits_per_second",
            "/end/cpu_utilization_percent/host_total",
            "/end/cpu_utilization_percent/remote_total"
        }) {
            assertFalse(tcp.at(field).isMissingNode(), field);
        }
        JsonNode udp = client("--time", "0.2", "--udp");
        for (String field : new String[] {"jitter_ms", "lost_packets", "packets", "lost_percent", "out_of_order"}) {
            assertFalse(udp.at("/end/streams/0/udp/" + field).isMissingNode(), field);
        }
        for (String field : new String[] {"bits_per_second", "jitter_ms", "lost_packets", "packets", "lost_percent"}) {
            assertFalse(udp.at("/end/sum/" + field).isMissingNode(), field);
        }
    }
}
