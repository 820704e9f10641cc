package dev.peregrine.dataplane.linux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
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

    @Test
    void memoryBelongsToTheProcessOnlyFromItsFirstUseOn() throws IOException {
        long bytes = 1L << 30;
        long before = residentBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = HugePages.allocate(arena, bytes);
            memory.set(ValueLayout.JAVA_LONG, bytes / 2, 1);
            long grown = residentBytes() - before;
            assertTrue(grown < bytes / 2, () -> "resident memory grew by " + grown + " bytes");
        }
    }

    /** {@code statm} has it in pages: proc_pid_statm(5). */
    private static long residentBytes() throws IOException {
        StringTokenizer pages = new StringTokenizer(Files.readString(Path.of("/proc/self/statm")));
        pages.nextToken(); // the size of the address space
        return Long.parseLong(pages.nextToken()) * 4096;
    }

    @Test
    void whatTheKernelCannotGiveIsAnErrorThatSaysHowMuchWasAskedFor() {
        try (Arena arena = Arena.ofConfined()) {
            OutOfMemoryError error =
                    assertThrows(OutOfMemoryError.class, () -> HugePages.allocate(arena, Long.MAX_VALUE >> 8));
            assertTrue(String.valueOf(error.getMessage()).contains("cannot allocate memory"), error.getMessage());
        }
    }
}
