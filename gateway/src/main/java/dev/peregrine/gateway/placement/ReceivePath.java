package dev.peregrine.gateway.placement;

import java.util.List;

/**
 * The receivers of the underlay, as one look found them.
 *
 * @param receivers those who are known
 * @param gaps what could not be told, and why: one sentence each
 * @param node the NUMA node of the card; -1 where it has none, or several
 */
public record ReceivePath(List<Receiver> receivers, List<String> gaps, int node) {
    /** No NUMA node. */
    public static final int ANY_NODE = -1;

    public ReceivePath {
        receivers = List.copyOf(receivers);
        gaps = List.copyOf(gaps);
    }

    /** Nothing is known. */
    public static ReceivePath unknown(String why) {
        return new ReceivePath(List.of(), List.of(why), ANY_NODE);
    }

    /** The names of those who may run on a CPU. */
    public List<String> sharing(int cpu, CpuSet allowed) {
        return receivers.stream()
                .filter(receiver -> receiver.cpus().contains(cpu))
                .map(receiver -> receiver.name() + range(receiver, allowed))
                .toList();
    }

    private static String range(Receiver receiver, CpuSet allowed) {
        if (receiver.cpus().size() == 1) {
            return "";
        }
        return receiver.isBound(allowed) ? " (may run on CPUs " + receiver.cpus() + ")" : " (may run on any CPU)";
    }

    /** CPUs that receive: of those who may run on all of {@code allowed} nobody can get out of the way. */
    CpuSet boundCpus(CpuSet allowed) {
        return receivers.stream()
                .filter(receiver -> receiver.isBound(allowed))
                .map(Receiver::cpus)
                .reduce(CpuSet.EMPTY, CpuSet::with);
    }
}
