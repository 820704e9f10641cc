package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.FdbSegment;
import dev.peregrine.dataplane.linux.AddressText;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.gateway.config.VniConfig;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.ControlCommands;
import dev.peregrine.gateway.control.DropRow;
import dev.peregrine.gateway.control.FdbAddition;
import dev.peregrine.gateway.control.FdbFilter;
import dev.peregrine.gateway.control.FdbFlush;
import dev.peregrine.gateway.control.FdbKey;
import dev.peregrine.gateway.control.FdbRow;
import dev.peregrine.gateway.control.FlowRow;
import dev.peregrine.gateway.control.FlowStats;
import dev.peregrine.gateway.control.PolicyRow;
import dev.peregrine.gateway.control.PolicyScope;
import dev.peregrine.gateway.control.PolicyTestRow;
import dev.peregrine.gateway.control.PortRow;
import dev.peregrine.gateway.control.ScheduleReport;
import dev.peregrine.gateway.control.StageRow;
import dev.peregrine.gateway.control.StateFilter;
import dev.peregrine.gateway.control.StateRow;
import dev.peregrine.gateway.control.StateStats;
import dev.peregrine.gateway.control.StatusReport;
import dev.peregrine.gateway.control.SteeringRow;
import dev.peregrine.gateway.control.VniRow;
import dev.peregrine.gateway.control.VtepRow;
import dev.peregrine.gateway.control.WorkerRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Answers the commands of the control socket from a gateway's tables and counters, on its control thread. */
final class GatewayCommands implements ControlCommands {
    private final OverlayGateway gateway;
    private final StatusCommands status;
    private final PortCommands ports;
    private final VtepCommands vteps;
    private final PolicyCommands policy;
    private final FdbCommands fdbCommands;
    private final FlowCommands flowCommands;
    private final StateCommands stateCommands;
    private final ScheduleCommands schedules;

    GatewayCommands(OverlayGateway gateway) {
        this.gateway = gateway;
        status = new StatusCommands(gateway);
        ports = new PortCommands(gateway);
        vteps = new VtepCommands(gateway);
        policy = new PolicyCommands(gateway.policies());
        fdbCommands = new FdbCommands(gateway);
        flowCommands = new FlowCommands(gateway);
        stateCommands = new StateCommands(gateway);
        schedules = new ScheduleCommands(gateway);
    }

    @Override
    public StatusReport status() {
        return status.report();
    }

    @Override
    public List<VniRow> vnis() {
        List<VniRow> rows = new ArrayList<>();
        for (int segment = 0; segment < gateway.segments().size(); segment++) {
            VniConfig vni = gateway.segments().config(segment);
            FdbSegment fdb = gateway.fdb().segment(segment);
            rows.add(new VniRow(
                    vni.vni(),
                    gateway.segments().get(segment).mtu(),
                    vni.learning(),
                    vni.ageing().toSeconds(),
                    (int) fdb.entries(),
                    vni.fdbLimit(),
                    vni.ports().size(),
                    vni.flood().stream().map(AddressText::of).collect(Collectors.joining(" ")),
                    fdb.moves(),
                    fdb.refusals(),
                    fdb.aged(),
                    gateway.bridge().neighbours().size(segment),
                    fdb.learns(),
                    gateway.bridge().neighbours().refused(segment)));
        }
        return rows;
    }

    @Override
    public List<PortRow> ports() {
        return ports.list();
    }

    @Override
    public List<VtepRow> vteps() {
        return vteps.list();
    }

    @Override
    public List<FdbRow> fdb(FdbFilter filter) throws CommandRefused {
        return fdbCommands.list(filter);
    }

    @Override
    public void fdbAdd(FdbAddition addition) throws CommandRefused {
        fdbCommands.add(addition);
    }

    @Override
    public void fdbDelete(FdbKey key) throws CommandRefused {
        fdbCommands.delete(key);
    }

    @Override
    public int fdbFlush(FdbFlush flush) throws CommandRefused {
        return fdbCommands.flush(flush);
    }

    @Override
    public List<FlowRow> flows(int most) throws CommandRefused {
        return flowCommands.list(most);
    }

    @Override
    public FlowStats flowStats() {
        return flowCommands.stats();
    }

    @Override
    public long flowFlush() throws CommandRefused {
        return flowCommands.flush();
    }

    @Override
    public void flowSwitch(boolean on) {
        flowCommands.turn(on);
    }

    @Override
    public List<StateRow> states(StateFilter filter, int most) throws CommandRefused {
        return stateCommands.list(filter, most);
    }

    @Override
    public StateStats stateStats() {
        return stateCommands.stats();
    }

    @Override
    public int stateFlush(StateFilter filter) throws CommandRefused {
        return stateCommands.flush(filter);
    }

    @Override
    public List<DropRow> drops() {
        gateway.portWatch().look();
        return Arrays.stream(DropReason.values())
                .map(reason -> new DropRow(reason.name(), gateway.losses().count(reason), reason.text()))
                .toList();
    }

    @Override
    public List<PolicyRow> policies(Optional<PolicyScope> only) throws CommandRefused {
        return policy.list(only);
    }

    @Override
    public String policyShow(PolicyScope scope) throws CommandRefused {
        return policy.show(scope);
    }

    @Override
    public int policyReplace(PolicyScope scope, String yaml, String source, boolean endFlows) throws CommandRefused {
        return policy.replace(scope, yaml, source, endFlows);
    }

    @Override
    public int policyAdd(PolicyScope scope, boolean in, String rule, Optional<String> before, boolean endFlows)
            throws CommandRefused {
        return policy.add(scope, in, rule, before, endFlows);
    }

    @Override
    public int policyDelete(PolicyScope scope, boolean in, String name, boolean endFlows) throws CommandRefused {
        return policy.delete(scope, in, name, endFlows);
    }

    @Override
    public List<PolicyTestRow> policyTest(PolicyScope scope, boolean in, String packet) throws CommandRefused {
        return policy.test(scope, in, packet);
    }

    @Override
    public List<WorkerRow> workers() {
        return gateway.lanes().stream().map(this::workerRow).toList();
    }

    private WorkerRow workerRow(Lane lane) {
        Crew crew = gateway.scheduling().crew();
        return new WorkerRow(
                Names.worker(lane.id()),
                lane.loop().cpu(),
                crew.loads().percent(lane.id()),
                lane.worker().packets(),
                crew.handOffs(lane.id()),
                lane.loop().wakeUps(),
                crew.reorders(lane.id()),
                crew.depth(lane.id()),
                lane.worker().parked(),
                lane.pool().capacity(),
                lane.pool().shortages());
    }

    @Override
    public ScheduleReport schedule() {
        return schedules.show();
    }

    @Override
    public ScheduleReport scheduleSet(String mode, Optional<String> balance, Optional<Boolean> split)
            throws CommandRefused {
        return schedules.set(mode, balance, split);
    }

    @Override
    public List<SteeringRow> scheduleMap(Optional<Integer> flowHash) throws CommandRefused {
        return schedules.map(flowHash);
    }

    @Override
    public List<StageRow> stages() {
        List<StageRow> rows = new ArrayList<>();
        for (Lane lane : gateway.lanes()) {
            for (StageSpec stage : lane.graph().stages()) {
                Counters counters = lane.graph().node(stage.address()).counters();
                long walked = counters.packets() - counters.skipped();
                double batch = counters.batches() == 0 ? 0 : (double) walked / counters.batches();
                rows.add(new StageRow(
                        stage.device(),
                        stage.name(),
                        Names.worker(lane.id()),
                        counters.packets(),
                        counters.segments(),
                        counters.drops(),
                        Math.round(counters.nanosPerPacket() * 10) / 10.0,
                        Math.round(batch * 10) / 10.0,
                        lane.graph().queueDepth(stage.address()),
                        counters.copies(),
                        counters.answers(),
                        counters.consumed()));
            }
        }
        return rows;
    }
}
