package dev.peregrine.dataplane.linux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class HugePagesTest {
    @Test
    void memoryOfAnySizeIsZeroAlignedAndWritable() {
        for (long bytes : new long[] {128, 4096, (1 << 21) - 128, 1 << 21, 5 << 20}) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = HugePages.allocate(arena, bytes);
                assertEquals(bytes, memory.byteSize());
                assertEquals(0, memory.address() % 128);
                long sum = 0;
                for (long at = 0; at < bytes; at += Long.BYTES) {
                    sum |= memory.get(ValueLayout.JAVA_LONG, at);
                    memory.set(ValueLayout.JAVA_LONG, at, at);
                }
                assertEquals(0, sum);
                assertEquals(bytes - Long.BYTES, memory.get(ValueLayout.JAVA_LONG, bytes - Long.BYTES));
            }
        }
    }
}
