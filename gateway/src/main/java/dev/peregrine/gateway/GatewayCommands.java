package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.FdbSegment;
import dev.peregrine.dataplane.device.PathMtus;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.InterfaceState;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.FlowStates;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.gateway.config.Addresses;
import dev.peregrine.gateway.config.InterfacePortConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.SocketPortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
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
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongBiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Answers the commands of the control socket from a gateway's tables and counters, on its control thread. */
final class GatewayCommands implements ControlCommands {
    private final OverlayGateway gateway;
    private final PolicyCommands policy;
    private final FdbCommands fdbCommands;
    private final FlowCommands flowCommands;
    private final StateCommands stateCommands;
    private final ScheduleCommands schedules;

    GatewayCommands(OverlayGateway gateway) {
        this.gateway = gateway;
        policy = new PolicyCommands(gateway.policies());
        fdbCommands = new FdbCommands(gateway);
        flowCommands = new FlowCommands(gateway);
        stateCommands = new StateCommands(gateway);
        schedules = new ScheduleCommands(gateway);
    }

    @Override
    public StatusReport status() {
        gateway.portWatch().look();
        long received = 0;
        long sent = 0;
        Policy rules = gateway.policies().policy();
        FlowStates states = rules.states();
        long poolEmpty = 0;
        for (Lane lane : gateway.lanes()) {
            received += lane.received().segments();
            sent += sent(lane);
            poolEmpty += lane.pool().shortages();
        }
        return new StatusReport(
                Version.text(),
                gateway.lanes().getFirst().underlay().mode(),
                gateway.scheduling().state().schedule().toString(),
                gateway.scheduling().state().reason(),
                gateway.lanes().size(),
                received,
                sent,
                gateway.losses().total(),
                state(),
                gateway.uptimeSeconds(),
                Addresses.text(gateway.config().underlay().local()),
                gateway.config().underlay().port(),
                gateway.underlay().isUp() ? "up" : "waiting",
                gateway.underlay().reason(),
                gateway.fdb().size(),
                Offloads.rows(gateway),
                gateway.lanes().stream()
                        .mapToLong(GatewayCommands::receiveFailures)
                        .sum(),
                receiveError(),
                gateway.bridge().learnsDropped(),
                gateway.bridge().neighboursDropped(),
                states.opened(),
                states.evicted(),
                states.refused(),
                IntStream.range(0, rules.workers())
                        .mapToLong(worker -> rules.log(worker).lost())
                        .sum(),
                gateway.losses().kernelCounters(),
                gateway.lanes().getFirst().underlay().sendBufferBytes(),
                gateway.lanes().getFirst().underlay().sendBufferWantedBytes(),
                poolEmpty);
    }

    private static long receiveFailures(Lane lane) {
        ReceiveFailure failure = lane.underlay().receiveFailure();
        return failure == null ? 0 : failure.count();
    }

    private @Nullable String receiveError() {
        return gateway.lanes().stream()
                .map(lane -> lane.underlay().receiveFailure())
                .filter(Objects::nonNull)
                .map(ReceiveFailure::toString)
                .findFirst()
                .orElse(null);
    }

    private String state() {
        if (gateway.isDraining()) {
            return "draining";
        }
        return gateway.underlay().isUp() ? "ready" : "waiting";
    }

    private long sent(Lane lane) {
        long sum = 0;
        for (int vtep = 0; vtep < gateway.vteps().slots(); vtep++) { // those included that have been forgotten since
            sum += lane.underlay().vtepCounters().sentDatagrams(vtep);
        }
        return sum;
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
                    vni.flood().stream().map(Addresses::text).collect(Collectors.joining(" ")),
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
        gateway.portWatch().look();
        return gateway.ports().stream().map(this::portRow).toList();
    }

    private PortRow portRow(LocalPort local) {
        InterfaceState found = local.device();
        return new PortRow(
                local.config().name(),
                gateway.segments().get(local.port().segment()).vni(),
                local.config().type(),
                device(local.config()),
                Settings.mac(local.config()).map(MacAddress::toString).orElse(null),
                local.port().rxPackets(),
                local.port().txPackets(),
                local.port().rxBytes(),
                local.port().txBytes(),
                local.state().name().toLowerCase(Locale.ROOT),
                local.reason(),
                local.port().mtu(),
                netns(local.config()),
                found == null ? "" : addresses(found),
                found == null ? null : found.link().isUp() ? "up" : "down",
                found == null ? null : found.link().mtu(),
                local.problem(),
                lastError(local),
                gateway.fdb().portEntries(local.port().id()),
                gateway.fdb().portRefusals(local.port().id()));
    }

    private static String addresses(InterfaceState found) {
        return found.addresses().stream()
                .filter(prefix -> !(prefix.address() instanceof Inet6Address ipv6 && ipv6.isLinkLocalAddress()))
                .map(address -> Addresses.text(address.address()) + "/" + address.length())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static @Nullable String lastError(LocalPort local) {
        return local.endpoints().stream()
                .map(Endpoint::lastErrno)
                .filter(errno -> errno > 0)
                .findFirst()
                .map(PortErrorLog::text)
                .orElse(null);
    }

    private static @Nullable String device(PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> tap.device();
            case InterfacePortConfig device -> device.device();
            case SocketPortConfig socket -> null;
        };
    }

    private static @Nullable String netns(PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> tap.netns().orElse(null);
            case InterfacePortConfig device -> device.netns().orElse(null);
            case SocketPortConfig socket -> null;
        };
    }

    @Override
    public List<VtepRow> vteps() {
        int[] entries = new int[gateway.vteps().slots()];
        gateway.fdb().forEach((segment, mac, port, kind, seen) -> {
            if (Ports.isTunnel(port)) {
                entries[Ports.tunnelIndex(port)]++;
            }
        });
        return gateway.vteps().list().stream()
                .map(vtep -> vtepRow(vtep, entries[vtep.index()]))
                .toList();
    }

    private VtepRow vtepRow(RemoteVtep vtep, int fdbEntries) {
        InetAddress address = vtep.address().toInetAddress();
        List<String> vnis = new ArrayList<>();
        boolean flood = false;
        for (VniConfig vni : gateway.config().vnis()) {
            boolean floods = vni.flood().contains(address);
            flood |= floods;
            if (floods
                    || vni.fdb().stream()
                            .anyMatch(entry ->
                                    entry.vtep().filter(address::equals).isPresent())) {
                vnis.add(String.valueOf(vni.vni()));
            }
        }
        int mtu = gateway.bridge().mtus().tunnel(vtep.port());
        Optional<VtepWatch.Failure> failure = gateway.vtepWatch().lastFailure(vtep);
        return new VtepRow(
                Addresses.text(address),
                String.join(" ", vnis),
                flood,
                fdbEntries,
                sum(vtep, VtepCounters::receivedDatagrams),
                sum(vtep, VtepCounters::sentDatagrams),
                sum(vtep, VtepCounters::receivedBytes),
                sum(vtep, VtepCounters::sentBytes),
                mtu == PathMtus.UNLIMITED ? null : (Integer) mtu,
                failure.map(VtepWatch.Failure::text).orElse(null),
                failure.map(last -> last.seconds(System.nanoTime())).orElse(null));
    }

    private long sum(RemoteVtep vtep, ToLongBiFunction<VtepCounters, Integer> counter) {
        return gateway.lanes().stream()
                .mapToLong(lane -> counter.applyAsLong(lane.underlay().vtepCounters(), vtep.index()))
                .sum();
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
