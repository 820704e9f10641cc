package dev.peregrine.load.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FlowTableTest {
    @Test
    void givesAFlowTheSameSlotAgain() {
        FlowTable table = new FlowTable(16);
        int slot = ~table.slot(5);
        assertTrue(slot >= 0);
        assertEquals(slot, table.slot(5));
        assertEquals(1, table.distinct());
    }

    @Test
    void hasRoomForAsManyFlowsInARowAsSlots() {
        FlowTable table = new FlowTable(1024);
        for (int flow = 0; flow < 1024; flow++) table.slot((7 << 24) | flow);
        assertEquals(0, table.evicted());
    }

    @Test
    void takesTheSlotOfTheFlowThatWasQuietForLongest() {
        FlowTable table = new FlowTable(8);
        for (int flow = 0; flow < 8; flow++) table.slot(flow);
        int kept = table.slot(0);
        table.slot(8);
        assertEquals(1, table.evicted());
        assertEquals(kept, table.slot(0));
        assertTrue(table.slot(1) < 0);
    }

    @Test
    void wantsAPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(12));
    }
}
