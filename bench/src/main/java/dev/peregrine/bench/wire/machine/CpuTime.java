package dev.peregrine.bench.wire.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The machine's CPU time since it started, all cores together, from {@code /proc/stat}. */
public final class CpuTime {
    private static final Path STAT = Path.of("/proc/stat");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    /** {@code USER_HZ}, which Linux has fixed at 100 for what it tells user space. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final int USER = 0;
    private static final int NICE = 1;
    private static final int SYSTEM = 2;
    private static final int IRQ = 5;
    private static final int SOFTIRQ = 6;

    private CpuTime() {}

    /** Nanoseconds spent on anything but being idle: in user space, in the kernel, in interrupts hard and soft. */
    public static long busyNanos() throws IOException {
        return busyNanos(Files.readString(STAT));
    }

    /** Of the text of {@code /proc/stat}: cpu user nice system idle iowait irq softirq steal. */
    static long busyNanos(String stat) {
        List<Long> ticks = NUMBER.matcher(stat.lines().findFirst().orElseThrow())
                .results()
                .map(number -> Long.valueOf(number.group()))
                .toList();
        long busy = IntStream.of(USER, NICE, SYSTEM, IRQ, SOFTIRQ)
                .mapToLong(ticks::get)
                .sum();
        return busy * NANOS_PER_TICK;
    }
}
