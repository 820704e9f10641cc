package dev.peregrine.bench.wire.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.testkit.live.Iperf;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LossRowTest {
    /** As iperf3 3.12 reports: 1,000 packets of 1400 B sent in 10 ms, 990 received, of which it misses 4. */
    private static final String REPORT = """
            {"start": {}, "intervals": [], "end": {
              "sum": {"start": 0, "end": 0.01, "seconds": 0.01, "bytes": 1400000, "bits_per_second": 1120000000,
                "jitter_ms": 0.009, "lost_packets": 4, "packets": 994, "lost_percent": 0.4, "sender": true},
              "sum_sent": {"start": 0, "end": 0.01, "seconds": 0.01, "bytes": 1400000,
                "bits_per_second": 1120000000, "jitter_ms": 0, "lost_packets": 0, "packets": 1000,
                "lost_percent": 0, "sender": true},
              "sum_received": {"start": 0, "end": 0.0101, "seconds": 0.0101, "bytes": 1386000,
                "bits_per_second": 1097821782, "jitter_ms": 0.009, "lost_packets": 4, "packets": 994,
                "lost_percent": 0.4, "sender": false}}}""";

    @Test
    void countsWhatDidNotArriveInTime() throws IOException {
        Map<String, Double> metrics = metrics(REPORT);
        assertEquals(0.4, metrics.getOrDefault(LossRow.LOST_PERCENT, -1.0), 1e-9);
        assertEquals(100.0, metrics.getOrDefault("offeredPercent", -1.0), 1e-9);
        assertEquals(0.1, metrics.getOrDefault("offeredMpps", -1.0), 1e-9);
        assertEquals(0.099, metrics.getOrDefault("mpps", -1.0), 1e-9);
        assertEquals(1000.0, metrics.get(LossRow.SENT));
        assertEquals(990.0, metrics.get(LossRow.RECEIVED));
        assertEquals(4.0, metrics.get(LossRow.LOST));
        assertEquals(6.0, metrics.get("latePackets"));
    }

    @Test
    void countsAlsoTheLossesBehindTheLastArrival() throws IOException {
        String cutOff = REPORT.replace("1386000", "1096200").replace("\"packets\": 994", "\"packets\": 787");
        Map<String, Double> metrics = metrics(cutOff);
        assertEquals(100.0, metrics.get("latePackets"));
        assertEquals(1000.0 - 783 - 100, metrics.get(LossRow.LOST));
    }

    private static Map<String, Double> metrics(String report) throws IOException {
        return new LossRow(new Load(1, 1400, 100_000), false)
                .metrics(outcome(report).end());
    }

    private static Iperf3.Outcome outcome(String report) throws IOException {
        return Iperf3.outcome(Iperf.report(new Command.Result(List.of("iperf3"), 0, report)), 0);
    }

    @Test
    void saysSoWhereOldVersionsLeaveOutWhatWasSent() {
        String old = REPORT.replace("sum_sent", "sum_other");
        assertThrows(IOException.class, () -> metrics(old));
    }

    @Test
    void failsWhereNothingArrived() {
        assertThrows(IOException.class, () -> outcome("{\"end\": {}}"));
    }

    @Test
    void isPartOfAllModesInWhichFramesAreOfOneMtu() {
        assertTrue(Rows.quick().contains(Rows.LOSS));
        assertEquals(List.of(Mode.WIRE, Mode.MODERATED, Mode.UNFILLED), Rows.LOSS.modes());
        assertEquals("loss/1x1400/reverse", Rows.LOSS_REVERSE.id());
    }
}
