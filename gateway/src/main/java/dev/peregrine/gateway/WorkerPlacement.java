package dev.peregrine.gateway;

import dev.peregrine.dataplane.linux.CpuAffinity;
import dev.peregrine.gateway.config.BadConfig;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import dev.peregrine.gateway.config.VniConfig;
import dev.peregrine.gateway.config.WorkersConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Which CPU each worker is pinned to. */
final class WorkerPlacement {
    private WorkerPlacement() {}

    /**
     * The CPU of each worker. With {@code auto}, CPUs are taken from the highest number down, away from those that usually
     * serve interrupts. The inherited affinity mask is never left.
     */
    static int[] cpus(ConfigFile file) throws BadConfig, IOException {
        WorkersConfig config = file.config().workers();
        int[] allowed = CpuAffinity.current();
        for (int cpu : config.cpus()) {
            if (Arrays.binarySearch(allowed, cpu) < 0) {
                throw new BadConfig(List.of(file.error(
                        config, "cpus", "CPU " + cpu, "CPUs that this process may use: " + Arrays.toString(allowed))));
            }
        }
        int[] cpus = config.cpus().isEmpty()
                ? reversed(allowed)
                : config.cpus().stream().mapToInt(Integer::intValue).toArray();
        int count = file.config().workersOn(cpus.length);
        if (count > cpus.length) {
            throw new BadConfig(List.of(file.error(
                    config,
                    "count",
                    String.valueOf(count),
                    "at most one worker for each of the CPUs " + Arrays.toString(allowed))));
        }
        checkQueues(file, count);
        return Arrays.copyOf(cpus, count);
    }

    /** A TAP queue that no worker reads would swallow the flows that the kernel puts there. */
    private static void checkQueues(ConfigFile file, int workers) throws BadConfig {
        for (VniConfig vni : file.config().vnis()) {
            for (PortConfig port : vni.ports()) {
                if (port instanceof TapPortConfig tap && tap.queues() > workers) {
                    throw new BadConfig(List.of(file.error(
                            tap,
                            "queues",
                            String.valueOf(tap.queues()),
                            "at most " + workers + ", one for each worker")));
                }
            }
        }
    }

    private static int[] reversed(int[] ascending) {
        int[] descending = new int[ascending.length];
        for (int i = 0; i < descending.length; i++) {
            descending[i] = ascending[ascending.length - 1 - i];
        }
        return descending;
    }
}
