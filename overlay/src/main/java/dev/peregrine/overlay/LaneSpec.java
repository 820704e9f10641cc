package dev.peregrine.overlay;

import dev.peregrine.dataplane.stage.FaultListener;
import dev.peregrine.dataplane.stage.Instruments;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The parts that all lanes of a gateway have in common.
 *
 * @param lanes how many
 * @param buffers of each lane's pool
 * @param views of each lane's pool: packets that share buffers
 * @param devices what the graph joins
 * @param fastPaths the flow caches; null for a graph without
 * @param clock of the workers, in nanoseconds
 * @param faults told when a stage, source or sink throws
 * @param instruments put around the parts of the graph
 */
public record LaneSpec(
        int lanes,
        int buffers,
        int views,
        VirtualDevices devices,
        @Nullable FastPaths fastPaths,
        LongSupplier clock,
        FaultListener faults,
        Instruments instruments) {}
