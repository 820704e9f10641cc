package dev.peregrine.dataplane.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory in pages of 2 MiB where the kernel has them to give (transparent huge pages): a large table that is read at
 * random then costs fewer misses of the TLB. Without them it is ordinary memory.
 *
 * <p>A page is part of the process only from its first use on. So a pool or a table is as large in memory as the
 * traffic that it has seen, and an idle gateway is small.
 */
public final class HugePages {
    private static final long PAGE = 1 << 21;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MADV_HUGEPAGE = 14;

    private HugePages() {}

    /**
     * Memory of {@code bytes} bytes, all zero, on a boundary of at least 128 bytes. It is given back when the arena
     * closes.
     *
     * @throws OutOfMemoryError when the kernel has no address space left for this process
     */
    @SuppressWarnings("restricted")
    public static MemorySegment allocate(Arena arena, long bytes) {
        if (bytes < PAGE) {
            return arena.allocate(bytes, 128);
        }
        long length = bytes + PAGE; // so that a boundary of a page lies in it
        long mapped = Syscalls.mmap(length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE);
        if (mapped < 0) {
            throw new OutOfMemoryError(bytes + " bytes: mmap: " + Errno.text((int) -mapped));
        }
        long address = (mapped + PAGE - 1) & -PAGE;
        Syscalls.madvise(address, bytes, MADV_HUGEPAGE); // refused, it leaves memory that is just as right
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> Syscalls.munmap(mapped, length));
    }
}
