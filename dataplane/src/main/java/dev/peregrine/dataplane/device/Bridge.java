package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The learning bridge between all ports, local and tunnel, of all segments. Workers share it and have a {@link #learn}
 * and a {@link #forward} stage each; the flood group of a segment has the segment's index.
 *
 * <p>The control thread changes settings, which workers see from their next batch on.
 */
public final class Bridge implements Node.Replication {
    /** The exit of {@link #forward} that leads to encap; that of local port p is {@code 1 + p}. */
    public static final int TUNNEL_EXIT = 0;

    private final Fdb fdb;
    private final int localPorts;
    private final Runnable raise;
    private final List<LearnQueue> queues = new CopyOnWriteArrayList<>();
    private volatile FloodGroups groups = new FloodGroups(new int[0][]);
    private volatile boolean[] learning = new boolean[0];

    /**
     * A bridge that learns in no segment and floods to nobody.
     *
     * @param localPorts number of local ports, and so of exits but one
     * @param raise called by a worker that has news when the control thread should {@link #applyLearns}; must return
     *     at once
     */
    public Bridge(Fdb fdb, int localPorts, Runnable raise) {
        this.fdb = fdb;
        this.localPorts = localPorts;
        this.raise = raise;
    }

    /** Where MACs are. */
    public Fdb fdb() {
        return fdb;
    }

    /** Number of local ports. */
    public int localPorts() {
        return localPorts;
    }

    @Override
    public FloodGroups groups() {
        return groups;
    }

    /** Sets who receives floods, by segment. */
    public void groups(FloodGroups floodGroups) {
        groups = floodGroups;
    }

    @Override
    public int exit(int port) {
        return Ports.isTunnel(port) ? TUNNEL_EXIT : 1 + port;
    }

    /** Whether a port, as an FDB entry names it, has an exit. */
    boolean hasExit(int port) {
        return Ports.isTunnel(port) || (port >= 0 && port < localPorts);
    }

    /** For each segment whether frames make FDB entries; read once per batch. */
    boolean[] learning() {
        return learning;
    }

    /** Sets whether frames make FDB entries in a segment. */
    public void learning(int segment, boolean on) {
        boolean[] changed = Arrays.copyOf(learning, Math.max(learning.length, segment + 1));
        changed[segment] = on;
        learning = changed;
    }

    /** A worker's stage that checks and learns source MACs. Its only exit leads to {@link #forward}. */
    public Stage learn() {
        LearnQueue queue = new LearnQueue(raise);
        queues.add(queue);
        return new LearnStage(this, queue);
    }

    /** A worker's stage that finds the way to destination MACs. */
    public Stage forward() {
        return new ForwardStage(this);
    }

    /**
     * Brings into the FDB what workers have learned; called by the control thread.
     *
     * @return how many entries moved to another port: what was decided by them before is out of date
     */
    public int applyLearns(long nowNanos) {
        int moved = 0;
        for (LearnQueue queue : queues) {
            moved += queue.drain(fdb, nowNanos);
        }
        return moved;
    }

    /** Sightings that were lost, because the control thread was slower than the workers; any thread may ask. */
    public long learnsDropped() {
        long sum = 0;
        for (LearnQueue queue : queues) {
            sum += queue.dropped();
        }
        return sum;
    }
}
