package dev.peregrine.gateway.placement;

import static java.util.Objects.requireNonNull;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a NAPI thread off the workers' CPUs while the two contend for one: while the thread has at least a quarter of
 * the CPU, and the worker waits for it for at least a quarter of the time. Both then take turns for each few packets,
 * and the rate falls to a fraction of what two CPUs can do. When little is received the thread may run anywhere again,
 * since the CPU that just received wakes the worker soonest; and when the workers have little to do, since known flows
 * pass in the kernel: their CPUs are free. A thread that somebody else has bound is left alone. One thread at a time.
 */
public final class ReceiverSteering implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReceiverSteering.class);

    /** A share of the time between two looks from which on a worker waits too long, and a receiver is busy. */
    private static final double MUCH = 0.25;

    private static final double LITTLE = 0.1;

    /** Looks in a row in which little is received, until a thread may run anywhere again. */
    private static final int QUIET_LOOKS = 4;

    private static final int MOST_THREADS = 4096;

    /** The fields of {@code /proc/PID/stat} behind the name, of which the last CPU is the 37th. */
    private static final int LAST_CPU = 36;

    private final SystemFiles files;
    private final Binding binding;

    /** The number of each worker's thread, by its name. */
    private final Map<String, Integer> workers = new HashMap<>();

    /** Nanoseconds that workers have waited, as the last look saw them, by files. */
    private final Map<String, Long> waits = new HashMap<>();

    /** Nanoseconds that workers have run, likewise. */
    private final Map<String, Long> works = new HashMap<>();

    /** Nanoseconds that NAPI threads have run, likewise; kept while they are of interest. */
    private final Map<String, Long> runs = new HashMap<>();

    private final Map<Integer, Held> held = new HashMap<>();
    private final Set<Integer> told = new HashSet<>();

    /** Threads that cannot be bound. */
    private final Set<Integer> refused = new HashSet<>();

    private long lastNanos;

    /** Binds a thread to CPUs. */
    @FunctionalInterface
    interface Binding {
        void bind(int thread, CpuSet cpus) throws LinuxException;
    }

    /**
     * A worker, where it runs.
     *
     * @param name of its thread
     */
    public record WorkerCpu(String name, int cpu) {}

    /** A thread that is kept off workers' CPUs. */
    private static final class Held {
        final String name;
        final CpuSet before;
        CpuSet wanted = CpuSet.EMPTY;

        /** As the kernel understood it. */
        CpuSet now = CpuSet.EMPTY;

        int quietLooks;

        Held(String name, CpuSet before) {
            this.name = name;
            this.before = before;
        }
    }

    ReceiverSteering(SystemFiles files, Binding binding) {
        this.files = files;
        this.binding = binding;
    }

    /** Steers the threads of this system. */
    public static ReceiverSteering ofSystem() {
        return new ReceiverSteering(
                new SystemFiles(Path.of("/")),
                (thread, cpus) -> CpuAffinity.bind(thread, cpus.stream().toArray()));
    }

    /** Whether the numbers of threads in {@code /proc} are those by which this process binds them. */
    public static boolean isPossible() {
        return new SystemFiles(Path.of("/"))
                .target("proc/self")
                .equals(String.valueOf(ProcessHandle.current().pid()));
    }

    /** Whether threads are kept off workers' CPUs now. */
    public boolean isHolding() {
        return !held.isEmpty();
    }

    /** The receivers, with threads that are kept off workers' CPUs as if they were not: those are nobody's choice. */
    public ReceivePath asBefore(ReceivePath path) {
        List<Receiver> receivers = path.receivers().stream().map(this::asBefore).toList();
        return new ReceivePath(receivers, path.gaps(), path.node());
    }

    private Receiver asBefore(Receiver receiver) {
        Held hold = held.get(receiver.thread());
        return hold == null ? receiver : new Receiver(receiver.name(), hold.before, receiver.thread());
    }

    /**
     * Looks how long workers waited and how busy NAPI threads were since the last look; called several times a second.
     *
     * @param allowed CPUs that the process may use
     */
    public void look(ReceivePath path, CpuSet allowed, Iterable<WorkerCpu> placed, long nowNanos) {
        Set<Integer> threads = path.receivers().stream()
                .filter(Receiver::isThread)
                .map(Receiver::thread)
                .collect(Collectors.toSet());
        told.retainAll(threads);
        refused.retainAll(threads);
        if (threads.isEmpty() && held.isEmpty()) {
            return;
        }
        double elapsed = nowNanos - lastNanos;
        lastNanos = nowNanos;
        CpuSet taken = CpuSet.EMPTY;
        CpuSet contended = CpuSet.EMPTY;
        boolean areIdle = true;
        for (WorkerCpu worker : placed) {
            taken = taken.with(CpuSet.of(worker.cpu));
            double waited = waited(worker.name) / elapsed;
            areIdle &= worked(worker.name) / elapsed + waited < LITTLE;
            if (waited >= MUCH) {
                contended = contended.with(CpuSet.of(worker.cpu));
            }
        }
        if (held.isEmpty() && contended.isEmpty()) {
            runs.clear();
            return;
        }
        for (int thread : List.copyOf(held.keySet())) {
            double load = ran(thread) / elapsed;
            keep(thread, requireNonNull(held.get(thread)), load, areIdle, taken);
        }
        for (Receiver receiver : path.receivers()) {
            int thread = receiver.thread();
            if (receiver.isThread() && !held.containsKey(thread) && !refused.contains(thread)) {
                if (ran(thread) / elapsed >= MUCH && runsOn(thread, contended)) {
                    hold(receiver, allowed, taken);
                }
            }
        }
    }

    /** Looks again where the thread may run: an administrator may just have bound it. */
    private void hold(Receiver receiver, CpuSet allowed, CpuSet taken) {
        int thread = receiver.thread();
        CpuSet before = cpus(thread);
        CpuSet wanted = before.without(taken);
        if (wanted.isEmpty() || !before.containsAll(allowed)) {
            return;
        }
        Held hold = new Held(receiver.name(), before);
        if (bind(thread, hold, wanted)) {
            held.put(thread, hold);
            tell(thread, "{} keeps to CPUs {} while it is busy: it and a worker waited for each other", hold);
        } else {
            refused.add(thread);
        }
    }

    private void keep(int thread, Held hold, double load, boolean areIdle, CpuSet taken) {
        if (!isNamed(thread, hold.name) || !cpus(thread).equals(hold.now)) {
            held.remove(thread); // it has ended, or somebody else has bound it
            return;
        }
        hold.quietLooks = load < LITTLE ? hold.quietLooks + 1 : 0;
        CpuSet wanted = hold.before.without(taken);
        if (hold.quietLooks >= QUIET_LOOKS || areIdle || wanted.isEmpty()) {
            release(thread, hold);
        } else if (!wanted.equals(hold.wanted)) {
            bind(thread, hold, wanted);
        }
    }

    private void release(int thread, Held hold) {
        held.remove(thread);
        if (!bind(thread, hold, hold.before)) {
            log.warn(
                    "{} may have to be bound to CPUs {} again: taskset -pc {} {}",
                    hold.name,
                    hold.before,
                    hold.before,
                    thread);
        }
    }

    /**
     * The number is not trusted: another thread may have it by now. The kernel may leave out CPUs, as those off line.
     */
    private boolean bind(int thread, Held hold, CpuSet cpus) {
        if (!isNamed(thread, hold.name)) {
            return false;
        }
        try {
            binding.bind(thread, cpus);
            hold.wanted = cpus;
            hold.now = cpus(thread);
            return true;
        } catch (LinuxException e) {
            log.info("{} cannot be bound to CPUs {}: {}", hold.name, cpus, e.getMessage());
            return false;
        }
    }

    private boolean isNamed(int thread, String name) {
        return files.line("proc/%s/comm".formatted(thread)).orElse("").equals(name);
    }

    private CpuSet cpus(int thread) {
        return NapiThreads.allowed(files, thread).orElse(CpuSet.EMPTY);
    }

    /** Once for each thread: traffic comes and goes. */
    private void tell(int thread, String message, Held hold) {
        if (told.add(thread)) {
            log.info(message, hold.name, hold.now);
        } else {
            log.debug(message, hold.name, hold.now);
        }
    }

    /** Nanoseconds since the last look in which a worker could run and waited for its CPU. */
    private long waited(String worker) {
        Integer thread = workers.computeIfAbsent(worker, this::number);
        return thread == null ? 0 : rise(waits, "proc/self/task/%s/schedstat".formatted(thread), 1);
    }

    /** Nanoseconds since the last look in which a worker ran. */
    private long worked(String worker) {
        Integer thread = workers.get(worker);
        return thread == null ? 0 : rise(works, "proc/self/task/%s/schedstat".formatted(thread), 0);
    }

    /** Nanoseconds since the last look in which a thread ran. */
    private long ran(int thread) {
        return rise(runs, "proc/%s/schedstat".formatted(thread), 0);
    }

    private long rise(Map<String, Long> seen, String file, int field) {
        Optional<Long> now = files.line(file)
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields.length > field && fields[field].matches("\\d{1,18}"))
                .map(fields -> Long.valueOf(fields[field]));
        if (now.isEmpty()) {
            return 0;
        }
        Long before = seen.put(file, now.get());
        return before == null ? 0 : now.get() - before;
    }

    private @Nullable Integer number(String worker) {
        return files.names("proc/self/task", MOST_THREADS).stream()
                .filter(task -> files.line("proc/self/task/%s/comm".formatted(task))
                        .orElse("")
                        .equals(worker))
                .map(Integer::valueOf)
                .findFirst()
                .orElse(null);
    }

    private boolean runsOn(int thread, CpuSet cpus) {
        String stat = files.line("proc/%s/stat".formatted(thread)).orElse("");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        return fields.length > LAST_CPU
                && fields[LAST_CPU].matches("\\d{1,4}")
                && cpus.contains(Integer.parseInt(fields[LAST_CPU]));
    }

    /** Lets all threads run where they might before. */
    @Override
    public void close() {
        Map.copyOf(held).forEach(this::release);
    }
}
