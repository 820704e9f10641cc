package dev.peregrine.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The machine's CPU time, all cores together: the time in which they were not idle. Linux counts idle time by the
 * clock, but samples time in use at each tick. A thread that wakes just after a tick and sleeps before the next is
 * missed, as senders at a fixed rate are.
 */
public final class CpuTime {
    private static final Path STAT = Path.of("/proc/stat");
    /** {@code USER_HZ}, which Linux has fixed at 100 for values in user space. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final int IDLE = 4;
    private static final int IOWAIT = 5;
    private static final int STEAL = 8;

    private CpuTime() {}

    /**
     * Nanoseconds since some moment spent on anything but being idle: in user space, in the kernel, in interrupts. Only
     * differences say something.
     */
    public static long busyNanos() throws IOException {
        return busyNanos(Files.readString(STAT), System.nanoTime());
    }

    /**
     * Of that text and time.
     *
     * @param stat of {@code /proc/stat}: cpu user nice system idle iowait irq softirq steal, then the same for each
     *     core
     */
    static long busyNanos(String stat, long nanos) {
        long cores = stat.lines().filter(line -> line.matches("cpu\\d.*")).count();
        long[] ticks = Arrays.stream(stat.lines().findFirst().orElseThrow().split(" +", -1))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        return cores * nanos - (ticks[IDLE - 1] + ticks[IOWAIT - 1] + ticks[STEAL - 1]) * NANOS_PER_TICK;
    }
}
