package dev.peregrine.load.gen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MutationsTest {
    private static final int OVERHEAD = 50;
    private static final int LENGTH = 100;

    @Test
    void changeEveryDatagramTheyAreAskedTo() {
        Mutations mutations = new Mutations(1, 100, OVERHEAD);
        byte[] whole = new byte[LENGTH];
        Arrays.fill(whole, (byte) 0x08);
        for (int i = 0; i < 10_000; i++) {
            MemorySegment memory = Arena.ofAuto().allocate(LENGTH);
            memory.copyFrom(MemorySegment.ofArray(whole));
            assertTrue(mutations.next());
            int length = mutations.spoil(memory, LENGTH);
            assertTrue(length >= 1 && length <= LENGTH);
            byte[] spoilt = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            assertNotEquals(-1, Arrays.mismatch(spoilt, whole), "turn " + i);
        }
        mutations.counts().forEach((kind, count) -> assertTrue(count > 1500, kind + " " + count));
    }

    @Test
    void takeTheirShare() {
        Mutations mutations = new Mutations(7, 25, OVERHEAD);
        int malformed = 0;
        for (int i = 0; i < 100_000; i++) {
            if (mutations.next()) malformed++;
        }
        assertEquals(25_000, malformed, 1000);
    }

    @Test
    void areTheSameForTheSameSeed() {
        assertEquals(run(3), run(3));
    }

    private static String run(long seed) {
        Mutations mutations = new Mutations(seed, 50, OVERHEAD);
        MemorySegment memory = Arena.ofAuto().allocate(LENGTH);
        StringBuilder lengths = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            if (mutations.next())
                lengths.append(mutations.spoil(memory, LENGTH)).append(' ');
        }
        return lengths + Arrays.toString(memory.toArray(ValueLayout.JAVA_BYTE));
    }
}
