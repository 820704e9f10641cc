package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The CPUs on which threads may run. New threads inherit them from the thread that starts them. */
public final class CpuAffinity {
    /** Room for 8192 CPUs, the most that Linux can be built for; a mask too short is refused. */
    private static final int MASK_BYTES = 1024;

    private static final int LIMIT = MASK_BYTES * Byte.SIZE;

    private CpuAffinity() {}

    /** The calling thread's CPUs in ascending order. */
    public static int[] current() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            int result = ThreadCalls.schedGetaffinity(0, MASK_BYTES, mask.address());
            if (result < 0) {
                throw LinuxException.unprivileged("sched_getaffinity", "calling thread", result);
            }
            return IntStream.range(0, LIMIT)
                    .filter(cpu -> (mask.get(JAVA_BYTE, cpu >> 3) & 1 << (cpu & 7)) != 0)
                    .toArray();
        }
    }

    /**
     * Restricts the calling thread to the given CPUs; those outside the process's cpuset are ignored, unless all are.
     */
    public static void pin(int... cpus) throws LinuxException {
        set(0, cpus, "name CPUs that are online and in the process's cpuset (taskset -pc $$)");
    }

    /**
     * Restricts another thread, as one of the kernel, to the given CPUs. Wants CAP_SYS_NICE in the initial user
     * namespace.
     */
    public static void bind(int thread, int... cpus) throws LinuxException {
        set(thread, cpus, "it wants CAP_SYS_NICE in the initial user namespace");
    }

    private static void set(int thread, int[] cpus, String advice) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            for (int cpu : cpus) {
                if (cpu < 0 || cpu >= LIMIT) {
                    throw new IllegalArgumentException("CPU " + cpu + " is not within 0 to " + (LIMIT - 1));
                }
                mask.set(JAVA_BYTE, cpu >> 3, (byte) (mask.get(JAVA_BYTE, cpu >> 3) | 1 << (cpu & 7)));
            }
            int result = ThreadCalls.schedSetaffinity(thread, MASK_BYTES, mask.address());
            String subject = "CPUs " + Arrays.toString(cpus);
            if (thread == 0 && result == -Errno.EPERM) {
                throw LinuxException.unprivileged("sched_setaffinity", subject, result);
            }
            if (result < 0) {
                throw new LinuxException("sched_setaffinity", subject, result, advice);
            }
        }
    }
}
