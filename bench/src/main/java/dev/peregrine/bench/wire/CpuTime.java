package dev.peregrine.bench.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine's CPU time since it started, all cores together, from {@code /proc/stat}. */
final class CpuTime {
    private static final Path STAT = Path.of("/proc/stat");
    /** {@code USER_HZ}, which Linux has fixed at 100 for what it tells user space. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private CpuTime() {}

    /** Nanoseconds spent on anything but being idle: in user space, in the kernel, in interrupts hard and soft. */
    static long busyNanos() throws IOException {
        return busyNanos(Files.readString(STAT));
    }

    /** Of the text of {@code /proc/stat}: cpu user nice system idle iowait irq softirq steal. */
    static long busyNanos(String stat) {
        String[] fields = stat.lines().findFirst().orElseThrow().split(" +");
        long ticks = 0;
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks * NANOS_PER_TICK;
    }
}
