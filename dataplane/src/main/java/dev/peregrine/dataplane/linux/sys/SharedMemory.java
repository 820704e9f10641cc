package dev.peregrine.dataplane.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory that this process shares with the kernel. */
public final class SharedMemory {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private SharedMemory() {}

    /**
     * The object behind a descriptor, as memory that is read and written in place. It lasts until the arena closes,
     * also when the descriptor is closed before.
     *
     * @param bytes the length; the kernel rounds it up to whole pages
     */
    @SuppressWarnings("restricted")
    public static MemorySegment map(Arena arena, int fd, long bytes) throws LinuxException {
        long address = Syscalls.mmap(bytes, PROT_READ_WRITE, MAP_SHARED, fd);
        if (address < 0) {
            throw new LinuxException("mmap", bytes + " bytes", (int) address);
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> Syscalls.munmap(address, bytes));
    }
}
