package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.LearnQueue;
import dev.peregrine.dataplane.device.neighbour.NeighbourQueue;
import dev.peregrine.dataplane.device.neighbour.NeighbourStage;
import dev.peregrine.dataplane.device.neighbour.NeighbourTable;
import dev.peregrine.dataplane.device.neighbour.SegmentCounts;
import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * The learning bridge between all ports, local and tunnel, of all segments. Workers share it and have a {@link #learn},
 * a {@link #forward} and a {@link #mtu} stage each; the flood group of a segment has the segment's index.
 *
 * <p>The control thread changes settings, which workers see from their next batch on.
 */
public final class Bridge implements Node.Replication {
    /** The exit of {@link #mtu} that leads to encap; that of local port p is {@code 1 + p}. */
    public static final int TUNNEL_EXIT = 0;

    /** The only exit of {@link #forward}, which leads to {@link #mtu}. */
    private static final int FORWARD_EXIT = 0;

    private final Fdb fdb;
    private final int localPorts;
    private final int segments;
    private final Runnable raise;
    private final List<LearnQueue> queues = new CopyOnWriteArrayList<>();
    private final NeighbourTable neighbours;
    private final List<NeighbourQueue> neighbourQueues = new CopyOnWriteArrayList<>();
    private final List<SegmentCounts> answers = new CopyOnWriteArrayList<>();
    private final List<BridgeCounts> counts = new CopyOnWriteArrayList<>();
    private volatile FloodGroups groups = new FloodGroups(new int[0][]);
    private volatile Learning[] learning = new Learning[0];
    private volatile boolean[] dropsUnknown = new boolean[0];
    private volatile int[] forwardedGroups = new int[0];
    private volatile PathMtus mtus = PathMtus.UNKNOWN;

    /** A bridge with room for the segments that are there when its stages are made. */
    public Bridge(Fdb fdb, int localPorts, Runnable raise) {
        this(fdb, localPorts, 0, raise);
    }

    /**
     * A bridge that learns in no segment and floods to no port.
     *
     * @param localPorts numbers of local ports are below
     * @param segments indices of segments are below
     * @param raise called by a worker that has learned something, when the control thread should {@link #applyLearns};
     *     must return at once
     */
    public Bridge(Fdb fdb, int localPorts, int segments, Runnable raise) {
        this.fdb = fdb;
        neighbours = new NeighbourTable(fdb.limits().capacity());
        this.localPorts = localPorts;
        this.segments = segments;
        this.raise = raise;
    }

    /** Where MACs are. */
    public Fdb fdb() {
        return fdb;
    }

    /** The MAC of each known IP address, in segments where the bridge answers requests. */
    public NeighbourTable neighbours() {
        return neighbours;
    }

    /** The bound of the numbers of local ports. */
    public int localPorts() {
        return localPorts;
    }

    private int segments() {
        return Math.max(segments, learning.length);
    }

    @Override
    public FloodGroups groups() {
        return groups;
    }

    /** Sets the receivers of floods, by segment. */
    public void groups(FloodGroups floodGroups) {
        groups = floodGroups;
    }

    /** Flooded frames leave {@link #forward} like others, each copy with a port of its own. */
    @Override
    public int exit(int port) {
        return FORWARD_EXIT;
    }

    /** The exit of {@link #mtu} that leads to a port. */
    public static int exitTo(int port) {
        return Ports.isTunnel(port) ? TUNNEL_EXIT : 1 + port;
    }

    /** Whether a port, as an FDB entry names it, has an exit. */
    boolean hasExit(int port) {
        return Ports.isTunnel(port) || (port >= 0 && port < localPorts);
    }

    /** Which frames make FDB entries, for each segment; read once per batch. */
    Learning[] learning() {
        return learning;
    }

    /** Sets whether frames make FDB entries in a segment: all, or none. */
    public void learning(int segment, boolean on) {
        learning(segment, on ? Learning.ALL : Learning.NONE);
    }

    /** Sets which frames make FDB entries in a segment. */
    public void learning(int segment, Learning which) {
        int before = learning.length;
        Learning[] changed = Arrays.copyOf(learning, Math.max(before, segment + 1));
        for (int i = before; i < changed.length; i++) {
            changed[i] = Learning.NONE;
        }
        changed[segment] = which;
        learning = changed;
        fdb.listeners().changed(segment);
    }

    /** For each segment whether frames to unknown unicast addresses are dropped; read once per batch. */
    boolean[] dropsUnknown() {
        return dropsUnknown;
    }

    /** Sets whether a segment drops frames to unknown unicast addresses instead of flooding them. */
    public void dropUnknown(int segment, boolean drop) {
        boolean[] changed = Arrays.copyOf(dropsUnknown, Math.max(dropsUnknown.length, segment + 1));
        changed[segment] = drop;
        dropsUnknown = changed; // no remembered decision is about an unknown destination
    }

    /** For each segment the mask of reserved group addresses that are forwarded; read once per batch. */
    int[] forwardedGroups() {
        return forwardedGroups;
    }

    /**
     * Sets which reserved group addresses (IEEE 802.1D table 7-10) a segment forwards, as the kernel's {@code
     * group_fwd_mask} does.
     *
     * @param mask bit n for 01:80:c2:00:00:0n; 0 for none
     */
    public void forwardGroups(int segment, int mask) {
        int[] changed = Arrays.copyOf(forwardedGroups, Math.max(forwardedGroups.length, segment + 1));
        changed[segment] = mask;
        forwardedGroups = changed;
    }

    /** The longest frames, by exit; read once per batch. */
    public PathMtus mtus() {
        return mtus;
    }

    /** Publishes the longest frames. */
    public void mtus(PathMtus known) {
        mtus = known;
        fdb.listeners().changed(Fdb.ANY);
    }

    /**
     * A worker's stage that checks and learns source MACs. Its only exit leads to {@link #forward}, or to
     * {@link #suppressNeighbours} where that is used.
     */
    public Stage learn() {
        LearnQueue queue = new LearnQueue(localPorts, segments(), raise);
        queues.add(queue);
        return new LearnStage(this, queue);
    }

    /**
     * A worker's stage that answers ARP and neighbour discovery for hosts behind tunnels. Exit 0 leads to
     * {@link #forward}, exit 1, which answers take, to {@link #mtu}.
     */
    public Stage suppressNeighbours() {
        NeighbourQueue queue = new NeighbourQueue(localPorts, segments(), raise);
        neighbourQueues.add(queue);
        NeighbourStage stage = new NeighbourStage(neighbours, queue, fdb.reader());
        answers.add(stage.answers());
        return stage;
    }

    /** A worker's stage that finds the port of destination MACs. Its only exit leads to {@link #mtu}. */
    public Stage forward() {
        ForwardStage stage = new ForwardStage(this);
        counts.add(stage.counts());
        return stage;
    }

    /** A worker's stage that sends frames out, and replies to the senders of those that are too long. */
    public Stage mtu() {
        return new MtuStage(this);
    }

    /**
     * Applies to the tables what workers have learned; called by the control thread.
     *
     * @return the number of entries that moved to another port: earlier decisions by them are out of date
     */
    public int applyLearns(long nowNanos) {
        int moved = 0;
        for (LearnQueue queue : queues) {
            moved += queue.drain(fdb, nowNanos);
        }
        for (NeighbourQueue queue : neighbourQueues) {
            queue.drain(neighbours, nowNanos);
        }
        return moved;
    }

    /** Sightings of MACs that were lost because the control thread was slower than the workers; any thread may ask. */
    public long learnsDropped() {
        long sum = 0;
        for (LearnQueue queue : queues) {
            sum += queue.dropped();
        }
        return sum;
    }

    /** Reports of hosts' addresses that were lost for the same reason; any thread may ask. */
    public long neighboursDropped() {
        long sum = 0;
        for (NeighbourQueue queue : neighbourQueues) {
            sum += queue.dropped();
        }
        return sum;
    }

    /** The wire packets to unknown unicast addresses that were flooded in a segment; any thread may ask. */
    public long unknownUnicasts(int segment) {
        return sum(each -> each.unknownUnicasts(segment));
    }

    /** The broadcast and multicast wire packets that were flooded in a segment; any thread may ask. */
    public long groupFloods(int segment) {
        return sum(each -> each.groups(segment));
    }

    /** The ARP requests and neighbour solicitations that passed in a segment; any thread may ask. */
    public long neighbourRequests(int segment) {
        return sum(each -> each.questions(segment));
    }

    /** The ARP replies and neighbour advertisements of hosts that passed in a segment; any thread may ask. */
    public long neighbourReplies(int segment) {
        return sum(each -> each.replies(segment));
    }

    /** The requests that the bridge answered itself in a segment; any thread may ask. */
    public long neighbourAnswers(int segment) {
        long sum = 0;
        for (SegmentCounts each : answers) {
            sum += each.value(segment);
        }
        return sum;
    }

    private long sum(ToLongFunction<BridgeCounts> count) {
        long sum = 0;
        for (BridgeCounts each : counts) {
            sum += count.applyAsLong(each);
        }
        return sum;
    }
}
