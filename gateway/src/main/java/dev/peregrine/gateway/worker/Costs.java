package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.ScheduleChooser;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.Exit;
import dev.peregrine.dataplane.schedule.Topology.Kind;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Counters;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The costs of packets since it was asked last, from counters and samples that workers keep. Belongs to the control
 * thread.
 */
final class Costs {
    private final List<EventLoopLane> lanes;
    private Map<Object, Long> seen = new HashMap<>();
    private Map<Object, Long> seenNow = new HashMap<>();

    Costs(List<EventLoopLane> lanes) {
        this.lanes = lanes;
    }

    ScheduleChooser.Measured measure(WorkerGroup group, Topology chain, long elapsedNanos) {
        Map<Kind, Double> devices = new LinkedHashMap<>();
        long packets = 0;
        long busy = 0;
        double coalescing = 0;
        int most = 0;
        int sum = 0;
        for (EventLoopLane lane : lanes) {
            packets += lane.worker().received();
            busy += lane.loop().busyNanos();
            most = Math.max(most, group.loads().percent(lane.id()));
            sum += group.loads().percent(lane.id());
            addDevices(lane, chain, devices);
            coalescing += spent(lane.received());
        }
        double received = Math.max(1, since("packets", packets));
        double[] nanos =
                devices.values().stream().mapToDouble(spent -> spent / received).toArray();
        double coalesce = coalescing / received;
        double rest = since("busy", busy) / received - coalesce;
        for (double device : nanos) {
            rest -= device;
        }
        double rate = received * 1e9 / Math.max(1, elapsedNanos);
        seen = seenNow;
        seenNow = new HashMap<>();
        return new ScheduleChooser.Measured(
                lanes.size(), most, sum / lanes.size(), rate, Math.max(0, rest), coalesce, nanos);
    }

    /**
     * Adds what a lane spent in each kind of device; a terminal belongs to the device in front of it. A packet that a
     * flow cache takes past the chain costs nothing there, and so counts as part of receiving. A lane that has not
     * answered may not have all of the chain yet.
     */
    private void addDevices(EventLoopLane lane, Topology chain, Map<Kind, Double> devices) {
        Assembler.Graph graph = lane.graph();
        for (StageSpec stage : chain.stages()) {
            if (!graph.nodes().containsKey(stage.address())) continue;
            double spent = spent(graph.node(stage.address()).counters());
            for (Exit exit : stage.exits()) {
                boolean isThere = exit instanceof Terminal(String name)
                        && graph.terminals().contains(name);
                spent += isThere ? spent(graph.departed(exit.toString())) : 0;
            }
            devices.merge(chain.unit(stage), spent, Double::sum);
        }
    }

    private double spent(Counters counters) {
        return since(counters, counters.packets() - counters.skipped()) * counters.nanosPerPacket();
    }

    private long since(Object what, long now) {
        seenNow.put(what, now);
        Long before = seen.get(what);
        return before == null ? 0 : now - before;
    }
}
