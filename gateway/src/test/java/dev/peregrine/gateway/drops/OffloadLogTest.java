package dev.peregrine.gateway.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.control.report.StatusReport.OffloadRow;
import dev.peregrine.gateway.drops.OffloadLog.Line;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class OffloadLogTest {
    private final OffloadLog log = new OffloadLog();

    @Test
    void portsThatAreAlikeShareALine() {
        List<OffloadRow> rows = new ArrayList<>(List.of(new OffloadRow("underlay gro", true, "UDP_GRO, checked")));
        for (int i = 0; i < 1000; i++) rows.add(new OffloadRow("port p" + i + " tso4", i != 7, i == 7 ? "EIO" : ""));
        assertEquals(
                List.of(
                        new Line(Level.INFO, "offload underlay gro is on: UDP_GRO, checked"),
                        new Line(Level.INFO, "offload tso4 of 999 ports is on"),
                        new Line(Level.INFO, "offload port p7 tso4 is off: EIO")),
                log.news(rows));
        assertEquals(List.of(), log.news(rows));
    }

    @Test
    void eachThatIsSwitchedOffIsAWarning() {
        log.news(List.of(new OffloadRow("port web tso4", true, "")));
        assertEquals(
                List.of(new Line(Level.WARN, "offload port web tso4 was switched off: EIO on write")),
                log.news(List.of(new OffloadRow("port web tso4", false, "EIO on write"))));
    }
}
