package dev.peregrine.gateway.placement;

import java.util.HashMap;
import java.util.Map;

/**
 * Which CPUs are threads of one core, and on which NUMA node they are. Where the system does not tell, as some
 * hypervisors do not, each CPU is a core of its own, and there are no nodes.
 *
 * @param cores the threads of its core, for each CPU that has others beside it
 * @param nodes the NUMA node of each CPU
 */
public record CpuTopology(Map<Integer, CpuSet> cores, Map<Integer, Integer> nodes) {
    /** Nothing is known. */
    public static final CpuTopology FLAT = new CpuTopology(Map.of(), Map.of());

    private static final int MOST_NODES = 1024;

    public CpuTopology {
        cores = Map.copyOf(cores);
        nodes = Map.copyOf(nodes);
    }

    /** Reads what the system tells of some CPUs. */
    public static CpuTopology read(SystemFiles files, CpuSet cpus) {
        Map<Integer, CpuSet> cores = new HashMap<>();
        cpus.stream()
                .forEach(cpu -> files.line("sys/devices/system/cpu/cpu%s/topology/thread_siblings_list".formatted(cpu))
                        .flatMap(CpuSet::parseList)
                        .ifPresent(core -> cores.put(cpu, core)));
        Map<Integer, Integer> nodes = new HashMap<>();
        for (String name : files.names("sys/devices/system/node", MOST_NODES)) {
            if (name.matches("node\\d{1,4}")) {
                int node = Integer.parseInt(name.substring(4));
                files.line("sys/devices/system/node/%s/cpulist".formatted(name))
                        .flatMap(CpuSet::parseList)
                        .ifPresent(members -> members.stream().forEach(cpu -> nodes.put(cpu, node)));
            }
        }
        return new CpuTopology(cores, nodes);
    }

    /** The threads of a CPU's core, itself included. */
    CpuSet core(int cpu) {
        return cores.getOrDefault(cpu, CpuSet.of(cpu));
    }

    int node(int cpu) {
        return nodes.getOrDefault(cpu, ReceivePath.ANY_NODE);
    }

    /** Whether a CPU is on a node, as far as both are known. */
    boolean isOn(int cpu, int node) {
        return node == ReceivePath.ANY_NODE || node(cpu) == ReceivePath.ANY_NODE || node(cpu) == node;
    }
}
