package dev.peregrine.testkit.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.LabError;
import java.util.List;
import org.junit.jupiter.api.Test;

class IperfTest {
    @Test
    void readsAReport() {
        assertEquals(
                7,
                Iperf.report(result(0, "{\"end\": {\"bytes\": 7}}"))
                        .at("/end/bytes")
                        .asInt());
    }

    @Test
    void failsWithIperf3sOwnReason() {
        Command.Result failed = result(1, "{\"end\": {}, \"error\": \"unable to connect\"}");
        LabError failure = assertThrows(LabError.class, () -> Iperf.report(failed));
        assertTrue(failure.reason().startsWith("iperf3: unable to connect"), failure::reason);
    }

    @Test
    void failsWithTheLastLineWhereThereIsNoReport() {
        LabError failure = assertThrows(LabError.class, () -> Iperf.report(result(1, "killed\nby signal 9\n")));
        assertTrue(failure.reason().endsWith(": by signal 9"), failure::reason);
    }

    private static Command.Result result(int exit, String output) {
        return new Command.Result(List.of("iperf3", "-c", "192.0.2.1"), exit, output);
    }
}
