package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTally;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.stage.Stage;

/**
 * The virtual device that decides which frames may enter the bridge and which may leave it. A frame must pass the
 * rules of the port that it came by and those of its segment; the copies that leave must pass those of their segment
 * and of their port.
 *
 * <p>The control thread publishes snapshots. A worker takes one before each batch, so that all stages decide by the
 * same rules about it. A thread that publishes and then waits for every worker to pass a batch boundary knows that the
 * old rules decide nothing any more.
 */
public final class Policy {
    private final FlowStates states;
    private final Share[] shares;
    private volatile PolicySnapshot snapshot = PolicySnapshot.EMPTY;
    private Runnable changed = () -> {};

    /** A worker's own part: the snapshot of its current batch, and the parts that its stages share. */
    static final class Share {
        final int worker;
        final Fdb fdb;
        final FlowStates states;
        final FlowTally tally;
        final FrameFields fields = new FrameFields();
        final RuleLog log = new RuleLog();
        PolicySnapshot now = PolicySnapshot.EMPTY;

        private Share(int worker, Fdb fdb, FlowStates states) {
            this.worker = worker;
            this.fdb = fdb;
            this.states = states;
            tally = states.tally();
        }
    }

    /**
     * A policy that lets everything pass.
     *
     * @param workers one more than the highest number of a worker
     * @param fdb says which unicast frames will be flooded
     * @param states the flows that rules let pass
     */
    public Policy(int workers, Fdb fdb, FlowStates states) {
        this.states = states;
        shares = new Share[workers];
        for (int i = 0; i < workers; i++) {
            shares[i] = new Share(i, fdb, states);
        }
    }

    /** The flows that rules let pass. */
    public FlowStates states() {
        return states;
    }

    /** Number of workers. */
    public int workers() {
        return shares.length;
    }

    /** The published snapshot. */
    public PolicySnapshot snapshot() {
        return snapshot;
    }

    /** Publishes; workers decide by it from their next batch on. */
    public void publish(PolicySnapshot next) {
        snapshot = next;
        changed.run();
    }

    /**
     * Sets a listener that is called after each change: earlier decisions may contradict it. Set before workers start.
     */
    public void onChange(Runnable listener) {
        changed = listener;
    }

    /** Makes a worker take the published snapshot; called by the worker before each batch. */
    public void refresh(int worker) {
        shares[worker].now = snapshot;
    }

    /** The records that a worker has logged; read by one thread, which may be any. */
    public RuleLog log(int worker) {
        return shares[worker].log;
    }

    /** A worker's stage for frames that come in by a local port; its only exit leads to the bridge. */
    public Stage in(int worker, Port port) {
        return new PolicyInStage(shares[worker], port.id(), port.segment());
    }

    /** A worker's stage for frames that come in by the tunnel; its only exit leads to the bridge. */
    public Stage inFromTunnel(int worker) {
        return new PolicyInStage(shares[worker], Packet.NO_PORT, -1);
    }

    /** A worker's stage for frames that leave by a local port; its only exit leads to the port. */
    public Stage out(int worker, Port port) {
        return new PolicyOutStage(shares[worker], port.id(), port.segment());
    }

    /** A worker's stage for frames that leave by the tunnel; its only exit leads to encap. */
    public Stage outToTunnel(int worker) {
        return new PolicyOutStage(shares[worker], Packet.NO_PORT, -1);
    }
}
