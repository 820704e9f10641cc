package dev.peregrine.gateway.config;

import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.PortNeeds;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How many buffers, how much memory and how many file descriptors a configuration needs: who can hold how much, and the
 * sums. Everything is sized by them, and {@link Room} has what there is.
 */
public final class Budget {
    // ---- buffers of a worker, by who can hold them ------------------------------------------------------------

    /** Lent to the kernel to receive into, also while nothing comes; and one that small datagrams share. */
    private static final int LENT = 32 + 1;

    /** The batch that walks through the graph, and one that waits for it to settle. Endpoints hold none at rest. */
    private static final int IN_HAND = 2 * Batch.CAPACITY;

    /** Copies of flooded frames: a batch that fills behind the bridge, one on its way from there, and the queues'. */
    private static final int COPIES = 2 * Batch.CAPACITY;

    /** For the queues between devices, under the schedules that have some. */
    private static final int QUEUED = 3 * Batch.CAPACITY;

    /** Each packet's twin, which the shadow mode compares with it. */
    private static final int TWINS = Batch.CAPACITY;

    /**
     * Replies of a socket port, from a batch to the next turn; of all socket ports together at most four times that.
     */
    private static final int ANSWERS = 64;

    /** A long reply of each socket port, whose fragments the batch had no room for. */
    private static final int FRAGMENTED = 1;

    /** For what a reload adds: the replies and long replies of a few socket ports, and twins. */
    private static final int LATER = TWINS + ANSWERS + 16 * FRAGMENTED;

    /** On their way to other workers, there, or parked: half of what a link holds; then receiving waits. */
    private static final int HANDED = 512;

    /** Views of packets: one for each datagram of the aggregates of a batch. */
    private static final int VIEWS = 64 * Batch.CAPACITY;

    // ---- bytes, measured where they are no sum of arrays: see docs/operations.md ------------------------------

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    /** Classes, the configuration, the control thread's garbage. */
    private static final long HEAP_BASE = 16 * MIB;

    private static final long HEAP_PER_VIEW = 200;
    private static final long HEAP_PER_PORT = 24 * KIB;
    private static final long HEAP_PER_PORT_AND_WORKER = 24 * KIB;

    /** A remote of a socket port with its socket, and its places in the table. */
    private static final long HEAP_PER_REMOTE = 320;

    private static final long HEAP_PER_NEIGHBOUR = 128;

    /** Of a port or VNI that may come, at each worker: its shares of the queues of news, and its replies' allowance. */
    private static final long HEAP_PER_PLACE = 256;

    /** Ports, and VNIs, that a gateway has places for beside those that it starts with, if these are not more. */
    private static final int PLACES = 256;

    /** Counters of VTEPs and queues of news. */
    private static final long HEAP_PER_WORKER = MIB;

    /** The JVM's own beside the heap: code, classes, stacks, the garbage collector's. */
    private static final long JVM = 96 * MIB;

    /** Vectors and header blocks to send and to receive with. */
    private static final long OFF_HEAP_PER_WORKER = MIB;

    /** At most 256 datagrams that wait, and what a read adds to them, of 64 KiB each. */
    private static final long OFF_HEAP_OF_NETTY = (256 + 16) * 64 * KIB;

    private static final long OFF_HEAP_PER_FLOW = 200;

    // ---- of an idle gateway, as scripts/bench start measures it -----------------------------------------------

    /** Code, classes and the cache of them, stacks, the young generation, what compilers keep. */
    private static final long IDLE_BASE = 103 * MIB;

    private static final long IDLE_PER_PORT = 86 * KIB;
    private static final long IDLE_PER_PORT_AND_WORKER = 24 * KIB;

    // ---- file descriptors -------------------------------------------------------------------------------------

    /** The program's own, jars, the control socket, the HTTP port and the clients of both. */
    private static final int DESCRIPTORS_BASE = 120;

    /** Sockets to send by and one to receive, and the event loop's. */
    private static final int DESCRIPTORS_PER_WORKER = 64 + 1 + 3;

    private final GatewayConfig config;
    private final int workers;

    /** The needs of a configuration with a number of workers. */
    public Budget(GatewayConfig config, int workers) {
        this.config = config;
        this.workers = workers;
    }

    /** The needs of a configuration with the workers that it has on this machine. */
    static Budget here(GatewayConfig config) {
        return new Budget(config, config.workersOn(Runtime.getRuntime().availableProcessors()));
    }

    /** A part of the sum, and the key that it depends on most. */
    record Part(String name, Record of, String key, String value, long heap, long offHeap) {}

    /** Buffers of each worker's pool: for this configuration, and for some of what a reload may add. */
    public int buffers() {
        return neededBuffers() + LATER;
    }

    /** Those that this configuration needs. */
    public int neededBuffers() {
        int answering = (int) needs().filter(needs -> needs.remotes() > 0).count();
        return LENT
                + IN_HAND
                + COPIES
                + Math.max(QUEUED, largestFlood())
                + (config.fastpath().shadow() > 0 ? TWINS : 0)
                + ANSWERS * Math.min(4, answering)
                + FRAGMENTED * answering
                + (workers > 1 ? HANDED : 0);
    }

    /** Views of packets of each worker's pool. */
    public int views() {
        return buffers() + VIEWS;
    }

    /** Local ports that there can be at a time without a restart. */
    public int portPlaces() {
        int ports = (int) needs().count();
        return ports + Math.max(PLACES, ports);
    }

    /** VNIs that there can be at a time without a restart. */
    public int vniPlaces() {
        int vnis = config.vnis().size();
        return Math.min(Fdb.MAX_SEGMENTS, vnis + Math.max(PLACES, vnis));
    }

    /** Members of the largest flood: under schedules with queues its copies wait all at once. */
    private int largestFlood() {
        return config.vnis().stream()
                .mapToInt(vni -> vni.ports().size() + vni.flood().size())
                .max()
                .orElse(0);
    }

    /** Those of each port. */
    private Stream<PortNeeds> needs() {
        return config.vnis().stream().flatMap(vni -> vni.ports().stream()).map(PortConfig::needs);
    }

    // ---- memory -----------------------------------------------------------------------------------------------

    /** All parts of the sum, the FDB with the entries that it must have room for. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("the program", config, "vnis", config.vnis().size() + " VNIs", HEAP_BASE, JVM));
        parts.add(packets());
        parts.add(portsOfWorkers());
        int flows = config.flowStates().capacity();
        parts.add(new Part(
                "flow states",
                config.flowStates(),
                "capacity",
                String.valueOf(flows),
                FlowStates.heapBytes(flows),
                FlowStates.offHeapBytes(flows)));
        int cached = config.fastpath().capacity();
        long cache = workers * OFF_HEAP_PER_FLOW * (Integer.highestOneBit(Math.max(1, cached - 1)) * 2L);
        parts.add(new Part("the flow cache", config.fastpath(), "capacity", String.valueOf(cached), 0, cache));
        long fdb = fdbBytes(leastFdbCapacity());
        parts.add(largestFdb()
                .map(vni -> new Part("the FDB and neighbours", vni, "fdbLimit", String.valueOf(vni.fdbLimit()), fdb, 0))
                .orElseGet(() -> new Part("the FDB and neighbours", config, "vnis", "no VNI", fdb, 0)));
        int planes = config.control().planes().planes().size();
        if (planes > 0) {
            int places = Math.min(planes * PlaneSettings.MAX_MACS, Fdb.MAX_CAPACITY);
            parts.add(new Part(
                    "FDB entries of control planes",
                    config.control(),
                    "planes",
                    planes == 1 ? "1 plane" : planes + " planes",
                    fdbBytes(places),
                    0));
        }
        return parts;
    }

    /** With Netty's channels datagrams wait in buffers of Netty's own. */
    private long waitingDatagrams() {
        return config.underlay().mode() == UnderlayConfig.Mode.NETTY ? workers * OFF_HEAP_OF_NETTY : 0;
    }

    /**
     * Bytes that are resident from a minute after the start on while nothing is carried, within a tenth. Buffers, the
     * flow cache and the FDB become resident as they are used: traffic adds up to what the parts have for them.
     */
    long idle() {
        long ports = needs().count();
        return IDLE_BASE
                + workers * (HEAP_PER_WORKER + HEAP_PER_VIEW * views() + HEAP_PER_PLACE * (portPlaces() + vniPlaces()))
                + FlowStates.heapBytes(config.flowStates().capacity())
                + ports * (IDLE_PER_PORT + workers * IDLE_PER_PORT_AND_WORKER);
    }

    private Part packets() {
        return new Part(
                "packets",
                config.workers(),
                "count",
                workers + (workers == 1 ? " worker" : " workers"),
                workers * (HEAP_PER_WORKER + HEAP_PER_VIEW * views() + HEAP_PER_PLACE * (portPlaces() + vniPlaces())),
                waitingDatagrams() + workers * (OFF_HEAP_PER_WORKER + (long) PacketPool.BUFFER_SIZE * buffers()));
    }

    private Part portsOfWorkers() {
        long ports = needs().count();
        return new Part(
                "ports",
                config,
                "vnis",
                ports + " ports",
                ports * (HEAP_PER_PORT + workers * HEAP_PER_PORT_AND_WORKER) + remoteDescriptors() * HEAP_PER_REMOTE,
                needs().mapToLong(needs -> needs.kernel() + workers * needs.offHeapPerWorker())
                        .sum());
    }

    private Optional<VniConfig> largestFdb() {
        return config.vnis().stream().max(Comparator.comparingInt(VniConfig::fdbLimit));
    }

    /** FDB entries of the file: those of its ports and those that it lists. */
    private long staticEntries() {
        return config.vnis().stream()
                .mapToLong(vni -> vni.fdb().size() + vni.ports().size())
                .sum();
    }

    /** Room for the file's own entries and for what the VNI with the highest limit may learn. */
    private int leastFdbCapacity() {
        int limit = largestFdb().map(VniConfig::fdbLimit).orElse(0);
        long least = 1 + staticEntries() + limit;
        return (int) Math.min(least, Fdb.MAX_CAPACITY);
    }

    /** The FDB's heap and, as each of its hosts may have an address, the neighbour table's. */
    private long fdbBytes(int entries) {
        boolean suppresses = config.vnis().stream().anyMatch(VniConfig::suppressNeighbours);
        return Fdb.bytes(entries) + (suppresses ? HEAP_PER_NEIGHBOUR * entries : 0);
    }

    /**
     * Entries of the FDB: the limits of all VNIs together, if the heap has room for them; if not, at most what it has
     * room for, which VNIs then share.
     */
    public int fdbCapacity(Room room) {
        long wanted = 1 + staticEntries();
        for (VniConfig vni : config.vnis()) {
            wanted += vni.fdbLimit();
        }
        int least = leastFdbCapacity();
        long others = heap() - fdbBytes(least);
        int capacity = (int) Math.min(wanted, Fdb.MAX_CAPACITY);
        while (capacity > least && others + fdbBytes(capacity) > room.heap()) {
            capacity = Math.max(least, capacity / 2);
        }
        return capacity;
    }

    /** FDB entries that each VNI has for itself, where they share a table of a capacity. */
    public int fdbShare(int capacity) {
        return (int) ((capacity - staticEntries()) / Math.max(1, config.vnis().size()));
    }

    long heap() {
        return parts().stream().mapToLong(Part::heap).sum();
    }

    long offHeap() {
        return parts().stream().mapToLong(Part::offHeap).sum();
    }

    // ---- file descriptors -------------------------------------------------------------------------------------

    /** File descriptors that are open when all ports are up. */
    int descriptors() {
        return DESCRIPTORS_BASE
                + workers * DESCRIPTORS_PER_WORKER
                + needs().mapToInt(needs -> needs.descriptors() + workers * needs.descriptorsPerWorker())
                        .sum();
    }

    /** Those that the remotes of socket ports can take on top. */
    long remoteDescriptors() {
        return needs().mapToLong(needs -> (long) workers * needs.remotes()).sum();
    }
}
