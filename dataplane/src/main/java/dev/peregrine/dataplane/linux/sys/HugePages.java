package dev.peregrine.dataplane.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory in pages of 2 MiB where the kernel has them to give (transparent huge pages): a large table that is read at
 * random then costs fewer misses of the TLB. Without them it is ordinary memory.
 */
public final class HugePages {
    private static final long PAGE = 1 << 21;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_COLLAPSE = 25;

    private HugePages() {}

    /** Memory of {@code bytes} bytes, all zero, on a boundary of at least 128 bytes. */
    public static MemorySegment allocate(Arena arena, long bytes) {
        if (bytes < PAGE) {
            return arena.allocate(bytes, 128);
        }
        MemorySegment memory = arena.allocate(bytes, PAGE);
        // The zeros have been written into small pages by now. Refused, both calls leave memory that is just as right.
        Syscalls.madvise(memory.address(), bytes, MADV_HUGEPAGE);
        Syscalls.madvise(memory.address(), bytes, MADV_COLLAPSE); // since Linux 6.1; before, it happens in time
        return memory;
    }
}
