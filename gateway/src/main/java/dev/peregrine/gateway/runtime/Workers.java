package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.model.FastpathConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.OffloadConfig;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.gateway.worker.MismatchLog;
import dev.peregrine.gateway.worker.Scheduling;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.Layout;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lanes with their flow caches, and the graph that they all have: of the ports that there are. */
final class Workers implements Graphs {
    private final List<EventLoopLane> lanes;
    private final boolean fromWire;
    private final FastPaths fastPaths;
    private final Scheduling scheduling;
    private VirtualDevices devices;

    /** Confirms changes, too, behind the workers. */
    private Runnable alsoConfirms = () -> {};

    /** Whether all lanes have the stage that answers for neighbours. */
    private boolean suppresses;

    /**
     * Makes a lane for each CPU, and joins their graphs by the schedule to begin with.
     *
     * @param segments the bound of their indices
     * @param lanes empty; filled here
     */
    Workers(
            GatewayConfig config,
            Budget budget,
            int[] cpus,
            int segments,
            VirtualDevices devices,
            VtepTable vteps,
            FaultLog faults,
            List<EventLoopLane> lanes) {
        this.lanes = lanes;
        this.devices = devices;
        fromWire = config.underlay().offload().gro() == OffloadConfig.Gro.WIRE;
        FastpathConfig fastpath = config.fastpath();
        fastPaths = new FastPaths(
                cpus.length,
                fastpath.capacity(),
                new Epoch(segments),
                new FastPathSwitch(fastpath.enabled(), fastpath.shadow()),
                new MismatchLog());
        devices.announceTo(fastPaths.epoch());
        LaneSpec spec = new LaneSpec(
                cpus.length,
                budget.buffers(),
                budget.views(),
                devices,
                fastPaths,
                System::nanoTime,
                faults,
                Instruments.NONE);
        EventLoopLane.Plan plan = new EventLoopLane.Plan(
                spec,
                config.underlay().mode() == UnderlayConfig.Mode.NETTY,
                vteps.slots(),
                Arrays.stream(cpus).boxed().toList(),
                config.workers());
        for (int i = 0; i < cpus.length; i++) {
            lanes.add(new EventLoopLane(i, plan));
        }
        scheduling = new Scheduling(config.schedule(), lanes, layout());
        suppresses = devices.bridge().neighbours().isUsed();
    }

    @Override
    public void awaitGrace() {
        try {
            scheduling.awaitGrace();
        } catch (GracePeriod.StuckWorkerException stuck) {
            throw new ChangeUnconfirmed(
                    "the change is made",
                    stuck.getMessage() + " and may still decide by what was before: jstack "
                            + ProcessHandle.current().pid()
                            + " shows where it is",
                    stuck);
        }
        alsoConfirms.run();
    }

    /** Sets who else decides by what is published, and confirms what has changed when the workers have. */
    void confirmedBy(Runnable other) {
        alsoConfirms = other;
    }

    @Override
    public void expect(Port port) {
        port.onChange(fastPaths.epoch()::advance);
    }

    @Override
    public void rebuild(List<Port> ports) throws IOException {
        boolean isUsed = devices.bridge().neighbours().isUsed();
        devices = devices.with(ports);
        suppresses = false; // until all have it
        scheduling.rebuild(layout());
        suppresses = isUsed;
    }

    @Override
    public boolean isIncomplete() {
        return devices.bridge().neighbours().isUsed() && !suppresses;
    }

    private Layout layout() {
        return new Layout(graph(fastPaths), graph(null), devices.ports());
    }

    private Topology graph(@Nullable FastPaths caches) {
        return Wiring.topology(devices, fromWire, worker -> lanes.get(worker).received(), caches);
    }

    @Override
    public void schedule(ScheduleConfig config) throws IOException {
        scheduling.configure(config);
    }

    @Override
    public void caching(boolean enabled, int shadow) {
        fastPaths.settings().turn(enabled);
        fastPaths.settings().shadow(shadow);
    }

    @Override
    public int count() {
        return lanes.size();
    }

    FastPaths fastPaths() {
        return fastPaths;
    }

    Scheduling scheduling() {
        return scheduling;
    }
}
