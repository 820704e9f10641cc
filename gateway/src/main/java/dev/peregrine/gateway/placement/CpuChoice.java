package dev.peregrine.gateway.placement;

import java.util.Comparator;
import java.util.OptionalInt;

/**
 * Which CPUs are best for workers: first those that do not receive, then those whose core does not, then those near the
 * card, then the highest numbers, since interrupts of other devices are mostly served from the lowest up. Pure.
 */
public final class CpuChoice {
    private static final int FREE = 0;
    private static final int CORE_RECEIVES = 1;
    private static final int RECEIVES = 2;
    private static final int NOT_ALLOWED = 3;

    private final CpuSet allowed;
    private final CpuSet receiving;
    private final ReceivePath path;
    private final CpuTopology topology;

    /** @param allowed CPUs that the process may use */
    public CpuChoice(CpuSet allowed, ReceivePath path, CpuTopology topology) {
        this.allowed = allowed;
        this.path = path;
        this.topology = topology;
        receiving = path.boundCpus(allowed);
    }

    /** All CPUs that the process may use, the best first. */
    public int[] order() {
        return allowed.stream()
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(this::burden)
                        .thenComparing(cpu -> !topology.isOn(cpu, path.node()))
                        .thenComparing(Comparator.reverseOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * A CPU that a worker should move to; empty if it should stay. A worker stays on the NUMA node of its memory,
     * unless it would share its CPU with who receives, and only another node has a better one.
     *
     * @param current the worker's CPU
     * @param home the CPU that it was started on, near its memory
     * @param taken CPUs of all workers
     */
    OptionalInt better(int current, int home, CpuSet taken) {
        int burden = burden(current);
        return allowed.stream()
                .filter(cpu -> !taken.contains(cpu) && burden(cpu) < burden)
                .filter(cpu -> isNear(cpu, home) || burden > CORE_RECEIVES)
                .boxed()
                .min(Comparator.<Integer, Boolean>comparing(cpu -> !isNear(cpu, home))
                        .thenComparingInt(this::burden)
                        .thenComparing(Comparator.reverseOrder()))
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    /** Why a CPU is not a good one, as in {@code IRQ 38 (eth0-rx-0) runs on CPU 1}. */
    String reason(int cpu) {
        return switch (burden(cpu)) {
            case NOT_ALLOWED -> "the process may no longer use CPU " + cpu;
            case RECEIVES -> receiver(CpuSet.of(cpu)) + " runs on CPU " + cpu;
            case CORE_RECEIVES -> receiver(topology.core(cpu)) + " runs on the core of CPU " + cpu;
            default -> "nobody receives on CPU " + cpu;
        };
    }

    private String receiver(CpuSet cpus) {
        return path.receivers().stream()
                .filter(receiver -> receiver.isBound(allowed) && receiver.cpus().intersects(cpus))
                .map(Receiver::name)
                .findFirst()
                .orElse("nobody");
    }

    private boolean isNear(int cpu, int home) {
        return topology.isOn(cpu, topology.node(home));
    }

    private int burden(int cpu) {
        if (!allowed.contains(cpu)) {
            return NOT_ALLOWED;
        }
        if (receiving.contains(cpu)) {
            return RECEIVES;
        }
        return topology.core(cpu).intersects(receiving) ? CORE_RECEIVES : FREE;
    }
}
