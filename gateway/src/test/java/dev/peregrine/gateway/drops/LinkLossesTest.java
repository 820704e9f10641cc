package dev.peregrine.gateway.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.gateway.control.report.StatusReport.KernelCounterRow;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkLossesTest {
    private final LinkLosses losses = new LinkLosses();

    private static Link link(int index, String name, long errors, long dropped, long missed) {
        Link.Statistics statistics = new Link.Statistics(0, 0, 0, 0, errors, dropped, 0, missed);
        return new Link(index, name, 1500, 0, "", 1, 1000, statistics, Optional.empty());
    }

    private List<Long> counts() {
        return losses.rows().stream().map(KernelCounterRow::count).toList();
    }

    @Test
    void countsFromTheBeginningOn() {
        losses.begin(link(2, "u", 100, 200, 300));
        losses.update(link(2, "u", 103, 201, 302));
        assertEquals(List.of(1L, 2L, 3L), counts());
    }

    @Test
    void anotherInterfaceOfTheNameAddsOnlyWhatItLosesFromNowOn() {
        losses.begin(link(2, "u", 0, 5, 0));
        losses.update(link(2, "u", 0, 6, 0));
        losses.update(link(3, "u", 0, 1000, 0));
        losses.update(link(3, "u", 0, 1002, 0));
        assertEquals(List.of(3L, 0L, 0L), counts());
    }

    @Test
    void countersThatGoBackAddNothing() {
        losses.begin(link(2, "u", 0, 50, 0));
        losses.update(link(2, "u", 0, 0, 0));
        losses.update(link(2, "u", 0, 4, 0));
        assertEquals(List.of(4L, 0L, 0L), counts());
    }

    @Test
    void renamedInterfaceGoesOnUnderItsNewName() {
        losses.begin(link(2, "u", 0, 0, 0));
        losses.update(link(2, "v", 0, 3, 0));
        assertEquals("v rx_dropped", losses.rows().getFirst().name());
        assertEquals(List.of(3L, 0L, 0L), counts());
    }

    @Test
    void isEmptyBeforeThereIsAnInterface() {
        losses.begin(null);
        assertEquals(List.of(), losses.rows());
    }
}
