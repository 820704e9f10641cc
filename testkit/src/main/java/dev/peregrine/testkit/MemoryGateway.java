package dev.peregrine.testkit;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.view.Mismatch;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.overlay.Lane;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway in memory: the complete graph of devices, a {@link MemoryUnderlay} for each worker and a {@link
 * MemoryEndpoint} per port. It runs only when a test calls it, by a clock that only the test moves: its workers take
 * turns in any order that the test chooses. Datagrams are spread over the workers by source port, ports by number. Not
 * thread-safe.
 */
public final class MemoryGateway implements AutoCloseable {
    private static final int TURN = 1024;

    private final GatewayShape shape;
    private final VtepTable vteps;
    private final VirtualDevices devices;
    private final List<MemoryEndpoint> endpoints = new ArrayList<>();
    private final List<Lane<MemoryUnderlay>> lanes = new ArrayList<>();
    private final WorkerGroup group;
    private final Topology topology;
    private final List<Throwable> faults = new ArrayList<>();
    private final FastPathSwitch fastPathSwitch = new FastPathSwitch(true, 0);
    private final List<Mismatch> mismatches = new ArrayList<>();
    private boolean raised;
    private long nowNanos;

    /** Joins a gateway to the network. It learns in all segments, and floods to local ports alone. */
    public MemoryGateway(MemoryNetwork network, IpAddress address, GatewayShape shape) {
        this.shape = shape;
        vteps = new VtepTable(4789, shape.vteps());
        devices = shape.devices(() -> raised = true);
        FastPaths fastPaths = shape.flows() == 0 ? null : fastPaths();
        LaneSpec spec = spec(fastPaths);
        for (int i = 0; i < shape.workers(); i++) {
            lanes.add(new Lane<>(i, spec, scope -> underlay(network, address, scope)));
        }
        network.connect(address, this::receive);
        devices.ports().forEach(this::addEndpoint);
        group = new WorkerGroup(lanes.stream().map(Lane::worker).toList(), WorkerGroup.DEFAULT_LINK_CAPACITY);
        topology = Wiring.topology(devices, false, worker -> lanes.get(worker).received(), fastPaths);
        assemble();
        flood(Map.of());
    }

    private FastPaths fastPaths() {
        Epoch epoch = new Epoch(shape.segments().size());
        devices.announceTo(epoch);
        return new FastPaths(shape.workers(), shape.flows(), epoch, fastPathSwitch, mismatches::add);
    }

    private LaneSpec spec(@Nullable FastPaths fastPaths) {
        Instruments stages = new Instruments() {
            @Override
            public Stage stage(String address, Stage stage) {
                return Wiring.isOfFlowCache(address) ? stage : shape.stages().apply(stage);
            }
        };
        return new LaneSpec(
                shape.workers(),
                shape.buffers(),
                2 * shape.buffers(),
                devices,
                fastPaths,
                () -> nowNanos,
                (where, fault) -> faults.add(fault),
                stages);
    }

    private MemoryUnderlay underlay(MemoryNetwork network, IpAddress address, Topology.WorkerScope scope) {
        return new MemoryUnderlay(network, address, vteps, scope.pool(), scope.drops(), shape.queue(), shape.gro());
    }

    private void receive(MemoryNetwork.Datagram datagram) {
        lanes.get(datagram.sourcePort() % lanes.size()).underlay().receive(datagram);
    }

    private void addEndpoint(Port port) {
        Lane<MemoryUnderlay> home = home(port.id());
        endpoints.add(new MemoryEndpoint(home.pool(), home.drops(), shape.queue()));
        attach(port.id(), true);
    }

    /** The lane that takes frames from a port. */
    private Lane<MemoryUnderlay> home(int port) {
        return lanes.get(port % lanes.size());
    }

    /** Attaches the workload of a port, or takes it away. */
    public void attach(int port, boolean on) {
        MemoryEndpoint endpoint = endpoints.get(port);
        for (Lane<MemoryUnderlay> lane : lanes) {
            Endpoint end = lane.id() == home(port).id() ? endpoint : endpoint.deliverer(lane.drops());
            lane.slot(port(port)).attach(on ? end : null);
        }
    }

    /** Sets another sink for the frames that leave by a port. */
    public void attach(int port, Endpoint other) {
        lanes.forEach(lane -> lane.slot(port(port)).attach(other));
    }

    private void assemble() {
        lanes.forEach(lane -> lane.assemble(group, topology));
    }

    /** Changes the schedule: lets all packets settle, then joins the graphs again. */
    public void schedule(Schedule schedule) {
        lanes.forEach(lane -> lane.worker().pause(true));
        run();
        group.schedule(schedule);
        assemble();
        lanes.forEach(lane -> lane.worker().pause(false));
    }

    /** Puts instruments around the parts of each worker's graph, by its number, between two turns. */
    public void instrument(IntFunction<Instruments> around) {
        lanes.forEach(lane -> lane.assemble(group, topology, devices.ports(), around.apply(lane.id())));
    }

    /** The drops of a worker. */
    public DropCounters drops(int worker) {
        return lanes.get(worker).drops();
    }

    /** Number of workers. */
    public int workers() {
        return lanes.size();
    }

    /** The workers, and the links between them. */
    public WorkerGroup group() {
        return group;
    }

    /** Configures a remote VTEP; returns its tunnel port. */
    public int addVtep(IpAddress address) {
        RemoteVtep remote = vteps.configure(address);
        if (remote == null) {
            throw new IllegalStateException("no room for VTEP " + address);
        }
        return remote.port();
    }

    /** Floods each segment to all its local ports and to the given tunnel ports, by segment index. */
    public void flood(Map<Integer, List<Integer>> tunnelPorts) {
        int[][] groups = new int[shape.segments().size()][];
        for (int segment = 0; segment < groups.length; segment++) {
            List<Integer> members = new ArrayList<>();
            for (Port port : devices.ports()) {
                if (port.segment() == segment) {
                    members.add(port.id());
                }
            }
            members.addAll(tunnelPorts.getOrDefault(segment, List.of()));
            groups[segment] = members.stream().mapToInt(Integer::intValue).toArray();
        }
        bridge().groups(new FloodGroups(groups));
    }

    /** Whether a worker has work now. */
    public boolean hasWork() {
        return raised || lanes.stream().anyMatch(lane -> lane.worker().hasWork());
    }

    /** Does the work of the control thread after workers have learned something. */
    public void applyLearns() {
        raised = false;
        bridge().applyLearns(nowNanos);
    }

    /** Lets all workers take turns until nothing more can be done; returns whether anything was done. */
    public boolean run() {
        boolean any = false;
        boolean busy = true;
        while (busy) {
            busy = raised;
            if (raised) {
                applyLearns();
            }
            for (int worker = 0; worker < lanes.size(); worker++) {
                busy |= turn(worker, TURN) > 0;
            }
            for (Lane<MemoryUnderlay> lane : lanes) {
                busy |= lane.pool().takeReturns() > 0;
            }
            any |= busy;
        }
        return any;
    }

    /** Lets one worker take a turn, with a budget of about {@code budget} packets; returns how many it took. */
    public int turn(int worker, int budget) {
        return lanes.get(worker).worker().run(budget);
    }

    /** Moves the clock. */
    public void advance(long nanos) {
        nowNanos += nanos;
    }

    /** The clock. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Wire packets that came in: from workloads, and in datagrams that the underlay delivered. */
    public long segmentsIn() {
        return lanes.stream().mapToLong(lane -> lane.received().segments()).sum()
                + devices.ports().stream().mapToLong(Port::rxPackets).sum();
    }

    /** Wire packets that floods added. */
    public long segmentsCopied() {
        return sum(Counters::copies);
    }

    /** Replies that stages made. */
    public long segmentsAnswered() {
        return sum(Counters::answers);
    }

    /** Wire packets that were served with a reply. */
    public long segmentsConsumed() {
        return sum(Counters::consumed);
    }

    private long sum(ToLongFunction<Counters> count) {
        return lanes.stream()
                .flatMap(lane -> lane.graph().nodes().values().stream())
                .map(Node::counters)
                .mapToLong(count)
                .sum();
    }

    /** Wire packets that went out: those that workloads received, and datagrams that were sent. */
    public long segmentsOut() {
        return lanes.stream().mapToLong(lane -> lane.underlay().sentDatagrams()).sum()
                + endpoints.stream().mapToLong(MemoryEndpoint::receivedSegments).sum();
    }

    /** The workload at a port. */
    public MemoryEndpoint endpoint(int port) {
        return endpoints.get(port);
    }

    /** The underlay of the first worker. */
    public MemoryUnderlay underlay() {
        return lanes.getFirst().underlay();
    }

    /** Number of local ports. */
    public int ports() {
        return devices.ports().size();
    }

    /** A port. */
    public Port port(int id) {
        return devices.ports().get(id);
    }

    /** Wire packets that were dropped for a reason. */
    public long dropped(DropReason reason) {
        return lanes.stream().mapToLong(lane -> lane.drops().count(reason)).sum();
    }

    /** Wire packets that were dropped. */
    public long dropped() {
        return lanes.stream().mapToLong(lane -> lane.drops().total()).sum();
    }

    /** The buffers of the first worker. */
    public PacketPool pool() {
        return lanes.getFirst().pool();
    }

    /** Whether every packet is back in its pool. */
    public boolean isAtRest() {
        return lanes.stream().allMatch(lane -> lane.pool().isFull());
    }

    /** The devices, with their tables. */
    public VirtualDevices devices() {
        return devices;
    }

    /** The policy: everything is allowed, until something is published. */
    public Policy policy() {
        return devices.policy();
    }

    /** The bridge. */
    public Bridge bridge() {
        return devices.bridge();
    }

    /** The bridge's table. */
    public Fdb fdb() {
        return devices.fdb();
    }

    /** This VTEP. */
    public Vtep vtep() {
        return devices.vtep();
    }

    /** The remote VTEPs. */
    public VtepTable vteps() {
        return vteps;
    }

    /** The flow cache's stages and counts of the first worker, in a gateway that has one. */
    public FastPath fastPath() {
        return fastPath(0);
    }

    /** A worker's flow cache. */
    public FastPath fastPath(int worker) {
        return lanes.get(worker).fastPath();
    }

    /** The settings of the fast path. */
    public FastPathSwitch fastPathSwitch() {
        return fastPathSwitch;
    }

    /** The differences that the shadow mode found. */
    public List<Mismatch> mismatches() {
        return mismatches;
    }

    /** The nodes of the first worker and their counts. */
    public Assembler.Graph graph() {
        return lanes.getFirst().graph();
    }

    /** The failures of stages, each of which is a bug unless it was asked for. */
    public List<Throwable> faults() {
        return faults;
    }

    /** Leaves the network and frees the buffers. */
    @Override
    public void close() {
        endpoints.forEach(MemoryEndpoint::close);
        lanes.forEach(Lane::close);
    }
}
