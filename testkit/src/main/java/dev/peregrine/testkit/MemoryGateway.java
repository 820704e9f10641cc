package dev.peregrine.testkit;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Fdb;
import dev.peregrine.dataplane.device.PathMtus;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.FlowStates;
import dev.peregrine.dataplane.policy.FlowTimeouts;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/**
 * A whole gateway in memory: the complete graph of devices with one worker, a {@link MemoryUnderlay} and a
 * {@link MemoryEndpoint} per port. Runs when told to, by a clock that only moves when told to. Not thread-safe.
 */
public final class MemoryGateway implements AutoCloseable {
    private static final int TURN = 1024;
    private static final int FLOWS = 1 << 12;

    private final Shape shape;
    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Fdb fdb = new Fdb(1 << 16);
    private final VtepTable vteps;
    private final Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
    private final Policy policy = new Policy(1, fdb, new FlowStates(FLOWS, FlowTimeouts.DEFAULT, true));
    private final Bridge bridge;
    private final List<Port> ports = new ArrayList<>();
    private final List<EndpointSlot> slots = new ArrayList<>();
    private final List<MemoryEndpoint> endpoints = new ArrayList<>();
    private final MemoryUnderlay underlay;
    private final Counters decapsulated = new Counters();
    private final Worker worker;
    private final Assembler.Graph graph;
    private final List<RuntimeException> faults = new ArrayList<>();
    private boolean raised;
    private long nowNanos;

    /**
     * What a gateway is built from.
     *
     * @param segments the segments, whose indices count from 0
     * @param portSegments for each local port the index of its segment
     * @param buffers size of the pool
     * @param queue capacity of every endpoint's and of the underlay's receive queue, in wire packets
     * @param vteps the most remote VTEPs
     * @param gro whether the underlay delivers adjacent datagrams of one sender in one buffer
     * @param stages what to put in place of a stage, by address; most often the stage itself
     */
    public record Shape(
            List<Segment> segments,
            List<Integer> portSegments,
            int buffers,
            int queue,
            int vteps,
            boolean gro,
            UnaryOperator<Stage> stages) {
        /** A gateway with room for everything. */
        public static Shape of(List<Segment> segments, List<Integer> portSegments) {
            return new Shape(segments, portSegments, 512, 1 << 16, 64, true, stage -> stage);
        }
    }

    /** Joins a gateway to the network. It learns in all segments, and floods to local ports alone. */
    public MemoryGateway(MemoryNetwork network, IpAddress address, Shape shape) {
        this.shape = shape;
        pool = new PacketPool(shape.buffers(), 2 * shape.buffers());
        vteps = new VtepTable(4789, shape.vteps());
        bridge = new Bridge(fdb, shape.portSegments().size(), () -> raised = true);
        vtep.segments(SegmentTable.of(shape.segments()));
        for (int i = 0; i < shape.portSegments().size(); i++) {
            addPort(i, shape.segments().get(shape.portSegments().get(i)));
        }
        PathMtus mtus = PathMtus.of(ports);
        for (Segment segment : shape.segments()) {
            fdb.configure(segment.index(), 1 << 12, 300_000_000_000L);
            bridge.learning(segment.index(), true);
            mtus = mtus.segment(segment.index(), segment.mtu(), false);
        }
        bridge.mtus(mtus);
        underlay = new MemoryUnderlay(network, address, vteps, pool, drops, shape.queue(), shape.gro());
        graph = assemble();
        worker = new Worker(0, () -> nowNanos);
        worker.beforeBatch(() -> policy.refresh(0));
        addInputs();
        flood(Map.of());
    }

    private void addPort(int id, Segment segment) {
        ports.add(new Port(id, "port" + id, segment.index(), segment.carriesTags(), segment.mtu()));
        MemoryEndpoint endpoint = new MemoryEndpoint(pool, drops, shape.queue());
        EndpointSlot slot = new EndpointSlot(drops);
        slot.attach(endpoint);
        endpoints.add(endpoint);
        slots.add(slot);
    }

    private Assembler.Graph assemble() {
        Topology topology = new Topology();
        Map<String, Sink> terminals = new HashMap<>();
        List<String> exits = new ArrayList<>(List.of("policy.out"));
        for (Port port : ports) {
            exits.add("policy:" + port.name() + ".out");
        }
        UnaryOperator<Stage> stages = shape.stages();
        topology.stage("vtep", "decap", scope -> stages.apply(vtep.decap()), "policy.in")
                .stage("policy", "in", scope -> stages.apply(policy.inFromTunnel(0)), "bridge.learn")
                .stage("bridge", "learn", scope -> stages.apply(bridge.learn()), "bridge.neighbours")
                .stage(
                        "bridge",
                        "neighbours",
                        scope -> stages.apply(bridge.suppressNeighbours()),
                        "bridge.forward",
                        "bridge.mtu")
                .floodingStage(
                        "bridge", "forward", scope -> stages.apply(bridge.forward()), bridge, List.of("bridge.mtu"))
                .stage("bridge", "mtu", scope -> stages.apply(bridge.mtu()), exits.toArray(String[]::new))
                .stage("policy", "out", scope -> stages.apply(policy.outToTunnel(0)), "vtep.encap")
                .stage("vtep", "encap", scope -> stages.apply(vtep.encap()), "underlay");
        terminals.put("underlay", underlay);
        for (Port port : ports) {
            String terminal = port.name() + ".endpoint";
            String rules = "policy:" + port.name();
            topology.stage(port.name(), "in", scope -> stages.apply(port.in()), rules + ".in")
                    .stage(rules, "in", scope -> stages.apply(policy.in(0, port)), "bridge.learn")
                    .stage(rules, "out", scope -> stages.apply(policy.out(0, port)), port.name() + ".out")
                    .stage(port.name(), "out", scope -> stages.apply(port.out()), terminal);
            terminals.put(terminal, slots.get(port.id()));
        }
        Topology.WorkerScope scope = new Topology.WorkerScope(0, pool, drops);
        return Assembler.assemble(
                topology, new Schedule.RunToCompletion(), scope, terminals, (stage, fault) -> faults.add(fault));
    }

    private void addInputs() {
        int mtu = shape.segments().stream().mapToInt(Segment::mtu).max().orElse(0);
        worker.add(
                underlay,
                new Coalescer(
                        VxlanHeader.LENGTH,
                        EthernetHeader.LENGTH + mtu,
                        true,
                        pool,
                        drops,
                        decapsulated,
                        graph.node("vtep.decap")));
        for (Port port : ports) {
            worker.add(slots.get(port.id()), graph.node(port.name() + ".in"));
        }
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
            for (Port port : ports) {
                if (port.segment() == segment) {
                    members.add(port.id());
                }
            }
            members.addAll(tunnelPorts.getOrDefault(segment, List.of()));
            groups[segment] = members.stream().mapToInt(Integer::intValue).toArray();
        }
        bridge.groups(new FloodGroups(groups));
    }

    /** Whether there is something to do now. */
    public boolean hasWork() {
        return raised || worker.hasWork();
    }

    /** Takes one turn of the worker, with a budget of about so many packets; returns how many it took. */
    public int turn(int budget) {
        return worker.run(budget);
    }

    /** Does what the control thread does when workers have learned something. */
    public void applyLearns() {
        raised = false;
        bridge.applyLearns(nowNanos);
    }

    /** Takes turns until nothing more can be done; returns whether anything was done. */
    public boolean run() {
        boolean any = false;
        while (worker.run(TURN) > 0 || raised) {
            any = true;
            if (raised) {
                applyLearns();
            }
        }
        return any;
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
        return decapsulated.segments()
                + ports.stream().mapToLong(Port::rxPackets).sum();
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
        return graph.nodes().values().stream()
                .map(Node::counters)
                .mapToLong(count)
                .sum();
    }

    /** Wire packets that went out: those that workloads received, and datagrams that were sent. */
    public long segmentsOut() {
        return underlay.sentDatagrams()
                + endpoints.stream().mapToLong(MemoryEndpoint::receivedSegments).sum();
    }

    /** The workload at a port. */
    public MemoryEndpoint endpoint(int port) {
        return endpoints.get(port);
    }

    /** The underlay. */
    public MemoryUnderlay underlay() {
        return underlay;
    }

    /** Where the workload of a port is attached. */
    public EndpointSlot slot(int port) {
        return slots.get(port);
    }

    /** A port. */
    public Port port(int id) {
        return ports.get(id);
    }

    /** What the gateway dropped. */
    public DropCounters drops() {
        return drops;
    }

    /** The buffers. */
    public PacketPool pool() {
        return pool;
    }

    /** What is allowed: everything, until something is published. */
    public Policy policy() {
        return policy;
    }

    /** The bridge. */
    public Bridge bridge() {
        return bridge;
    }

    /** The bridge's table. */
    public Fdb fdb() {
        return fdb;
    }

    /** This VTEP. */
    public Vtep vtep() {
        return vtep;
    }

    /** The remote VTEPs. */
    public VtepTable vteps() {
        return vteps;
    }

    /** What stages threw, which is a bug unless it was asked for. */
    public List<RuntimeException> faults() {
        return faults;
    }

    /** Leaves the network and frees the buffers. */
    @Override
    public void close() {
        underlay.close();
        endpoints.forEach(MemoryEndpoint::close);
        pool.close();
    }
}
