package dev.peregrine.gateway.config;

import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The memory and the file descriptors that a gateway finds. A configuration that needs more is refused.
 *
 * @param heap bytes of heap for what lives long: of what the JVM may have, the two thirds that are its old generation
 * @param memory bytes that the process can have in all, its heap included
 * @param descriptors that the process may open
 */
public record Room(long heap, long memory, long descriptors) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    /**
     * Of what the machine, or the control group, has, whoever uses it now: for a gateway that is not to start here and
     * now.
     */
    public static Room ofMachine() {
        return new Room(longLived(), Math.min(meminfo("MemTotal"), controlGroup(false)), maxDescriptors());
    }

    /** Of what is left now, for the gateway that this process is to become. */
    public static Room left() {
        long left = Math.min(meminfo("MemAvailable"), controlGroup(true));
        return new Room(longLived(), add(left, Runtime.getRuntime().totalMemory()), maxDescriptors());
    }

    private static long longLived() {
        return Runtime.getRuntime().maxMemory() / 3 * 2;
    }

    private static long add(long left, long own) {
        return left == Long.MAX_VALUE ? left : left + own;
    }

    // ---- what the kernel says; no limit where it says nothing -------------------------------------------------

    private static long meminfo(String name) {
        return number(Path.of("/proc/meminfo"), name + ":\\s+(\\d+) kB").orElse(Long.MAX_VALUE / KIB) * KIB;
    }

    /** The JVM has raised the soft limit to the hard one. */
    private static long maxDescriptors() {
        return number(Path.of("/proc/self/limits"), "Max open files\\s+(\\d+)").orElse(Long.MAX_VALUE);
    }

    /** The least limit of the process's control groups (version 2), or what is left of it. */
    private static long controlGroup(boolean left) {
        long least = Long.MAX_VALUE;
        Path root = Path.of("/sys/fs/cgroup");
        Path group = root.resolve(ownGroup()).normalize();
        while (group != null && group.startsWith(root)) {
            Optional<Long> limit = number(group.resolve("memory.max"), "(\\d+)");
            if (limit.isPresent()) {
                long used =
                        left ? number(group.resolve("memory.current"), "(\\d+)").orElse(0L) : 0;
                least = Math.min(least, Math.max(0, limit.get() - used));
            }
            group = group.getParent();
        }
        return least;
    }

    private static String ownGroup() {
        return find(Path.of("/proc/self/cgroup"), "(?m)^0::/(.*)$").orElse("");
    }

    private static Optional<Long> number(Path file, String pattern) {
        return find(file, pattern).map(Long::parseLong);
    }

    /** The group of the pattern in a file of the kernel's. */
    private static Optional<String> find(Path file, String pattern) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    // ---- what is refused --------------------------------------------------------------------------------------

    /** Reports what a configuration needs and does not find here. */
    void check(GatewayConfig config, Reading reading) {
        Budget budget = Budget.here(config);
        checkHeap(budget, reading);
        checkMemory(budget, reading);
        checkDescriptors(config, budget, reading);
    }

    /** The needs of a configuration, and the part of them that this host has: a line for people. */
    public String account(GatewayConfig config) {
        Budget budget = Budget.here(config);
        return "about " + mib(budget.idle()) + " when idle; at most: heap " + mib(budget.heap()) + " of " + mib(heap)
                + ", with all else "
                + mib(heap / 2 * 3 + budget.offHeap()) + " of " + mib(memory) + ", " + budget.descriptors() + " of "
                + descriptors + " descriptors";
    }

    /** Bytes that a gateway of this configuration keeps resident while it carries nothing, within a tenth. */
    public static long idleBytes(GatewayConfig config) {
        return Budget.here(config).idle();
    }

    private void checkHeap(Budget budget, Reading reading) {
        long needed = budget.heap();
        if (needed <= heap) return;
        Budget.Part most = budget.parts().stream()
                .max(Comparator.comparingLong(Budget.Part::heap))
                .orElseThrow();
        reading.error(
                most.of(),
                most.key(),
                most.value() + ", which makes " + mib(most.heap()) + " of heap for " + most.name(),
                "at most " + mib(heap) + " with everything else (" + list(budget, true)
                        + "): lower it, or start with PEREGRINE_JAVA_OPTS=-Xmx" + (needed / 2 * 3 / MIB + 64) + "m");
    }

    private void checkMemory(Budget budget, Reading reading) {
        long heapOfJvm = heap / 2 * 3;
        long needed = heapOfJvm + budget.offHeap();
        if (needed <= memory) return;
        Budget.Part most = budget.parts().stream()
                .max(Comparator.comparingLong(Budget.Part::offHeap))
                .orElseThrow();
        reading.error(
                most.of(),
                most.key(),
                most.value() + ", which makes " + mib(most.offHeap()) + " beside the heap for " + most.name(),
                "at most the " + mib(memory) + " of memory that there are here, the heap of " + mib(heapOfJvm)
                        + " included (" + list(budget, false) + ")");
    }

    private static String list(Budget budget, boolean heap) {
        return budget.parts().stream()
                .filter(part -> (heap ? part.heap() : part.offHeap()) > 0)
                .map(part -> part.name() + " " + mib(heap ? part.heap() : part.offHeap()))
                .collect(Collectors.joining(", "));
    }

    private void checkDescriptors(GatewayConfig config, Budget budget, Reading reading) {
        int needed = budget.descriptors();
        String how = " that this process may open: raise the limit (ulimit -n, LimitNOFILE= of systemd)";
        if (needed > descriptors) {
            reading.error(
                    config, "vnis", "ports that need " + needed + " file descriptors", "at most " + descriptors + how);
        } else if (needed + budget.remoteDescriptors() > descriptors) {
            String text = "the socket ports can have " + budget.remoteDescriptors()
                    + " remotes, each with a file descriptor, of the " + descriptors + how;
            reading.warning(config, "vnis", text);
        }
    }

    private static String mib(long bytes) {
        return (bytes + MIB - 1) / MIB + " MiB";
    }
}
