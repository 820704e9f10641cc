package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.policy.StateWords;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.gateway.underlay.UnderlayWatch;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.gateway.worker.Scheduling;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.vxlan.VtepTable;
import java.util.List;
import java.util.function.Supplier;

/**
 * The parts of a gateway that its tier in the kernel works with.
 *
 * @param config as it is followed now
 * @param ports the local ports, as they are now
 * @param stateWords of flows that policies follow
 * @param portPlaces numbers of ports are below
 */
public record TierMeans(
        Supplier<GatewayConfig> config,
        List<EventLoopLane> lanes,
        List<LocalPort> ports,
        int portPlaces,
        Segments segments,
        VtepTable vteps,
        StateWords stateWords,
        FastPaths fastPaths,
        Scheduling scheduling,
        UnderlayWatch underlay,
        UnderlayInterface device,
        HelperChoice helper,
        FaultLog faults) {
    private static final int NO_STATES = 1;

    /** Empty tables for at most {@code flows} flows. */
    KernelTables tables(int flows) throws LinuxException {
        BpfMap words = stateWords.map();
        return words == null
                ? new KernelTables(flows, segments.bound(), NO_STATES, vteps.slots())
                : new KernelTables(flows, segments.bound(), words, vteps.slots());
    }
}
