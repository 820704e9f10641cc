package dev.peregrine.testkit;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Fdb;
import dev.peregrine.dataplane.device.PathMtus;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
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
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.Mismatch;
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
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway in memory: the complete graph of devices with one worker, a {@link MemoryUnderlay} and a
 * {@link MemoryEndpoint} per port. Runs when told to, by a clock that only moves when told to. Not thread-safe.
 */
public final class MemoryGateway implements AutoCloseable {
    private static final int TURN = 1024;
    private static final SplittableRandom SEEDS = new SplittableRandom();
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
    private final Epoch epoch;
    private final FastPathSwitch fastPathSwitch = new FastPathSwitch(true, 0);
    private final List<Mismatch> mismatches = new ArrayList<>();
    private final @Nullable FastPath fastPath;
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
     * @param flows capacity of the flow cache; 0 for none, and none of its stages
     */
    public record Shape(
            List<Segment> segments,
            List<Integer> portSegments,
            int buffers,
            int queue,
            int vteps,
            boolean gro,
            UnaryOperator<Stage> stages,
            int flows) {
        /** A gateway without a flow cache. */
        public Shape(
                List<Segment> segments,
                List<Integer> portSegments,
                int buffers,
                int queue,
                int vteps,
                boolean gro,
                UnaryOperator<Stage> stages) {
            this(segments, portSegments, buffers, queue, vteps, gro, stages, 0);
        }

        /** A gateway with room for everything. */
        public static Shape of(List<Segment> segments, List<Integer> portSegments) {
            return new Shape(segments, portSegments, 512, 1 << 16, 64, true, stage -> stage);
        }

        /** The same with a flow cache. */
        public Shape flows(int capacity) {
            return new Shape(segments, portSegments, buffers, queue, vteps, gro, stages, capacity);
        }
    }

    /** Joins a gateway to the network. It learns in all segments, and floods to local ports alone. */
    public MemoryGateway(MemoryNetwork network, IpAddress address, Shape shape) {
        this.shape = shape;
        pool = new PacketPool(shape.buffers(), 2 * shape.buffers());
        vteps = new VtepTable(4789, shape.vteps());
        bridge = new Bridge(fdb, shape.portSegments().size(), () -> raised = true);
        vtep.segments(SegmentTable.of(shape.segments()));
        epoch = new Epoch(shape.segments().size());
        fastPath = shape.flows() == 0
                ? null
                : new FastPath(shape.flows(), SEEDS.longs(8).toArray(), epoch, fastPathSwitch, mismatches::add);
        fdb.onChange(epoch::advance);
        vtep.onChange(epoch::advanceAll);
        policy.onChange(epoch::advanceAll);
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
        worker.beforeBatch(() -> {
            if (fastPath != null) {
                fastPath.takeEpoch();
            }
            policy.refresh(0);
        });
        addInputs();
        flood(Map.of());
    }

    private void addPort(int id, Segment segment) {
        Port port = new Port(id, "port" + id, segment.index(), segment.carriesTags(), segment.mtu());
        port.onChange(epoch::advance);
        ports.add(port);
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
        List<String> ends = new ArrayList<>(List.of("underlay"));
        for (Port port : ports) {
            exits.add("policy:" + port.name() + ".out");
            ends.add(port.name() + ".endpoint");
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
                .stage("vtep", "encap", scope -> stages.apply(vtep.encap()), end("underlay"));
        terminals.put("underlay", underlay);
        for (Port port : ports) {
            String terminal = port.name() + ".endpoint";
            String rules = "policy:" + port.name();
            topology.stage(port.name(), "in", scope -> stages.apply(port.in()), rules + ".in")
                    .stage(rules, "in", scope -> stages.apply(policy.in(0, port)), "bridge.learn")
                    .stage(rules, "out", scope -> stages.apply(policy.out(0, port)), port.name() + ".out")
                    .stage(port.name(), "out", scope -> stages.apply(port.out()), end(terminal));
            terminals.put(terminal, slots.get(port.id()));
        }
        if (fastPath != null) {
            addFastPath(topology, fastPath, ends);
        }
        Topology.WorkerScope scope = new Topology.WorkerScope(0, pool, drops);
        Assembler.Graph made = Assembler.assemble(
                topology, new Schedule.RunToCompletion(), scope, terminals, (stage, fault) -> faults.add(fault));
        if (fastPath != null) {
            fastPath.join(
                    made,
                    port -> Ports.isTunnel(port)
                            ? "vtep.encap"
                            : ports.get(port).name() + ".out");
        }
        return made;
    }

    private void addFastPath(Topology topology, FastPath fast, List<String> ends) {
        topology.stage("flow", "record", scope -> fast.recorder(), ends.toArray(String[]::new))
                .stage(
                        "vtep",
                        "lookup",
                        scope -> fast.lookup("vtep.lookup", VxlanHeader.LENGTH, Packet.NO_PORT),
                        "flow.record",
                        "vtep.decap");
        for (Port port : ports) {
            String address = port.name() + ".lookup";
            topology.stage(
                    port.name(),
                    "lookup",
                    scope -> fast.lookup(address, 0, port.id()),
                    "flow.record",
                    port.name() + ".in");
        }
    }

    /** Where the chain leads to at its end. */
    private String end(String terminal) {
        return fastPath == null ? terminal : "flow.record";
    }

    /** Where packets enter a device. */
    private Node entrance(String device, String stage) {
        return graph.node(device + (fastPath == null ? "." + stage : ".lookup"));
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
                        entrance("vtep", "decap")));
        for (Port port : ports) {
            worker.add(slots.get(port.id()), entrance(port.name(), "in"));
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

    /** Number of local ports. */
    public int ports() {
        return ports.size();
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

    /** The flow cache's stages and counts, in a gateway that has one. */
    public FastPath fastPath() {
        return Objects.requireNonNull(fastPath, "a gateway without a flow cache");
    }

    /** What can be set of the fast path. */
    public FastPathSwitch fastPathSwitch() {
        return fastPathSwitch;
    }

    /** What the shadow mode found. */
    public List<Mismatch> mismatches() {
        return mismatches;
    }

    /** The nodes and what they counted. */
    public Assembler.Graph graph() {
        return graph;
    }

    /** What stages threw, which is a bug unless it was asked for. */
    public List<RuntimeException> faults() {
        return faults;
    }

    /** Leaves the network and frees the buffers. */
    @Override
    public void close() {
        underlay.close();
        if (fastPath != null) {
            fastPath.close();
        }
        endpoints.forEach(MemoryEndpoint::close);
        pool.close();
    }
}
