package dev.peregrine.bench.machine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The CPU time of the machine and of processes that are not the benchmark's, at one moment. */
public final class MachineTime {
    private static final Path PROC = Path.of("/proc");
    private static final int STEAL = 8;
    /** {@code USER_HZ}. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int CULPRITS = 3;
    private static final int MOST_ANCESTORS = 100;

    private final long nanos;
    private final long totalTicks;
    private final long stealTicks;
    private final double load;
    private final Map<Integer, ProcessTime> own;
    private final Map<Integer, ProcessTime> others;

    private MachineTime(
            long nanos, String stat, double load, Map<Integer, ProcessTime> own, Map<Integer, ProcessTime> others) {
        this.nanos = nanos;
        this.load = load;
        this.own = own;
        this.others = others;
        String[] ticks = stat.lines().findFirst().orElseThrow().split(" +", -1);
        totalTicks =
                Arrays.stream(ticks, 1, STEAL + 1).mapToLong(Long::parseLong).sum();
        stealTicks = Long.parseLong(ticks[STEAL]);
    }

    /**
     * Of that text and those processes.
     *
     * @param stat of {@code /proc/stat}: cpu user nice system idle iowait irq softirq steal
     * @param own the id of the benchmark's process: it and its descendants are no noise
     */
    static MachineTime of(long nanos, String stat, double load, Map<Integer, ProcessTime> processes, int own) {
        Map<Integer, ProcessTime> ours = new HashMap<>();
        Map<Integer, ProcessTime> others = new HashMap<>();
        processes.forEach((pid, process) -> {
            if (descends(process, processes, own)) {
                ours.put(pid, process);
            } else if (!process.kernelThread()) {
                others.put(pid, process);
            }
        });
        return new MachineTime(nanos, stat, load, ours, others);
    }

    /** Of now. */
    public static MachineTime now() throws IOException {
        Map<Integer, ProcessTime> processes = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path folder : folders) {
                read(folder).ifPresent(process -> processes.put(process.pid(), process));
            }
        }
        String load = Files.readString(PROC.resolve("loadavg"));
        return of(
                System.nanoTime(),
                Files.readString(PROC.resolve("stat")),
                Double.parseDouble(load.substring(0, load.indexOf(' '))),
                processes,
                (int) ProcessHandle.current().pid());
    }

    private static Optional<ProcessTime> read(Path folder) {
        try {
            return ProcessTime.parse(Files.readString(folder.resolve("stat")));
        } catch (IOException e) {
            return Optional.empty(); // It has just ended.
        }
    }

    private static boolean descends(ProcessTime process, Map<Integer, ProcessTime> processes, int ancestor) {
        ProcessTime at = process;
        for (int i = 0; at != null && i < MOST_ANCESTORS; i++) {
            if (at.pid() == ancestor) {
                return true;
            }
            at = processes.get(at.parent());
        }
        return false;
    }

    /** The use that others made of the CPUs since an earlier moment. */
    public Noise since(MachineTime before) {
        double seconds = Math.max(1e-3, (nanos - before.nanos) / 1e9);
        long ticks = Math.max(1, totalTicks - before.totalTicks);
        Map<String, Double> percents = new TreeMap<>();
        // A process that ends leaves its time to its parent, so the sum over all stays right.
        long foreign =
                -before.others.values().stream().mapToLong(ProcessTime::ticks).sum();
        for (ProcessTime process : others.values()) {
            if (!isAmong(before.own, process)) { // else it has lost its parent
                foreign += process.ticks();
                long earlier = ticksBefore(before.others, process);
                percents.merge(process.name(), percent(process.ticks() - earlier, seconds), Double::sum);
            }
        }
        double others = percent(Math.max(0, foreign), seconds);
        double steal = 100.0 * (stealTicks - before.stealTicks) / ticks;
        return Noise.of(steal, others, load, busiest(percents, others));
    }

    private static boolean isAmong(Map<Integer, ProcessTime> processes, ProcessTime process) {
        ProcessTime earlier = processes.get(process.pid());
        return earlier != null && earlier.isSameAs(process);
    }

    private static long ticksBefore(Map<Integer, ProcessTime> processes, ProcessTime process) {
        ProcessTime earlier = processes.get(process.pid());
        return earlier != null && earlier.isSameAs(process) ? earlier.ticks() : 0;
    }

    private static double percent(long ticks, double seconds) {
        return 100 * ticks / TICKS_PER_SECOND / seconds;
    }

    /** A process that inherits from its children may seem to have had more than all together. */
    private static Map<String, Double> busiest(Map<String, Double> percents, double most) {
        Map<String, Double> busiest = new LinkedHashMap<>();
        percents.entrySet().stream()
                .filter(entry -> entry.getValue() > 0 && most > 0)
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(CULPRITS)
                .forEach(entry -> busiest.put(entry.getKey(), Math.min(most, entry.getValue())));
        return busiest;
    }
}
