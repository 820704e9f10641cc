package dev.peregrine.gateway.worker;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.placement.CpuChoice;
import java.util.Arrays;
import java.util.List;

/** Which CPU each worker is pinned to at the start. */
public final class WorkerPlacement {
    private WorkerPlacement() {}

    /**
     * The CPU of each worker. With {@code auto} these are the best ones of {@code choice}. The inherited affinity mask
     * is never left.
     */
    public static int[] cpus(ConfigFile file, CpuChoice choice) throws BadConfig {
        WorkersConfig config = file.config().workers();
        int[] best = choice.order();
        int[] allowed = Arrays.stream(best).sorted().toArray();
        for (int cpu : config.cpus()) {
            if (Arrays.binarySearch(allowed, cpu) < 0) {
                throw new BadConfig(List.of(file.error(
                        config, "cpus", "CPU " + cpu, "CPUs that this process may use: " + Arrays.toString(allowed))));
            }
        }
        int[] cpus = config.cpus().isEmpty()
                ? best
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

    /** A queue that no worker reads would swallow the flows that the kernel puts there. */
    private static void checkQueues(ConfigFile file, int workers) throws BadConfig {
        for (VniConfig vni : file.config().vnis()) {
            for (PortConfig port : vni.ports()) {
                if (port.queues() > workers) {
                    throw new BadConfig(List.of(file.error(
                            (Record) port,
                            "queues",
                            String.valueOf(port.queues()),
                            "at most " + workers + ", one for each worker")));
                }
            }
        }
    }
}
