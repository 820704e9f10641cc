package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class StampTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(32);

    @Test
    void keepsEveryBitOfFlowAndSequence() {
        Stamp.write(memory, 3, 0xfedc_ba98, 0x1234_5678_9abcL, 42);
        assertTrue(Stamp.isAt(memory, 3));
        assertEquals(0xfedc_ba98, Stamp.flow(memory, 3));
        assertEquals(0x1234_5678_9abcL, Stamp.sequence(memory, 3));
    }

    @Test
    void measuresAgeAcrossTheWrapOfItsClock() {
        long wrap = 1L << 48;
        Stamp.write(memory, 0, 1, 1, wrap - 5);
        assertEquals(12, Stamp.age(memory, 0, wrap + 7));
    }

    @Test
    void hasANegativeAgeBeforeItIsDue() {
        Stamp.write(memory, 0, 1, 1, 1000);
        assertEquals(-900, Stamp.age(memory, 0, 100));
    }

    @Test
    void isNotSeenInZeros() {
        assertFalse(Stamp.isAt(memory, 0));
    }
}
