package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Acts on the verdicts of its stage. It is the only class that moves packets, copies them for floods, frees and counts
 * them, so no stage can lose a packet or free it twice. A stage or sink that throws costs the batch that it was given.
 *
 * <p>A batch whose packets all leave by one exit is passed on as it is. Belongs to one worker.
 */
public final class Node implements Sink {
    /** The n of which one batch in n is timed, so that the clock costs nothing per packet. */
    private static final int TIMED_BATCHES = 64;

    private final Stage own;

    /** The stage that packets meet: its own, or what instruments have put around it. */
    private Stage stage;

    private Sink[] exits = {};
    private Batch[] pending = {};

    /** A bit for each exit with pending packets: a bridge has thousands of exits, and a batch uses a few of them. */
    private long[] pendingExits = {};

    private final @Nullable Replication replication;
    private final Counters counters;
    private final PacketPool pool;
    private final DropCounters drops;
    private final FaultListener faults;

    /** The exits of flooded frames. */
    public interface Replication {
        /** The members of every group, as they are now; read once per batch. */
        FloodGroups groups();

        /** The exit that leads to a port. */
        int exit(int port);
    }

    /**
     * Joins a stage to the sinks behind it.
     *
     * @param exits the sink behind each exit of the stage
     * @param replication the receivers of floods; null for a stage that never floods
     * @param pool the pool of this worker's buffers for copies
     * @param drops where this worker counts drops
     * @param faults called when the stage, or a sink behind it, throws
     */
    public Node(
            Stage stage,
            Sink[] exits,
            @Nullable Replication replication,
            PacketPool pool,
            DropCounters drops,
            FaultListener faults) {
        own = stage;
        this.stage = stage;
        this.replication = replication;
        this.pool = pool;
        this.drops = drops;
        this.faults = faults;
        counters = new Counters();
        rewire(exits);
    }

    /** The stage that decides, with what is around it. */
    public Stage stage() {
        return stage;
    }

    /** The stage that decides, with nothing around it. */
    public Stage ownStage() {
        return own;
    }

    /** Puts something around the stage, or takes it away with {@link #ownStage}; called between two batches. */
    public void instrument(Stage around) {
        stage = around;
    }

    /** The counts of this node; any thread may read it. */
    public Counters counters() {
        return counters;
    }

    /** Counts packets that a flow cache sent past this node, with the wire bytes of their frames. */
    public void skipped(int packets, int segments, long bytes) {
        if (own.isIdle()) {
            return;
        }
        counters.skipped(packets, segments);
        if (own instanceof CountingStage counting) {
            counting.counters().arrived(packets, segments);
            counting.counters().bytes(bytes);
        }
    }

    /** Sets new sinks for the exits, of which there may be more or fewer than before; called between two batches. */
    public void rewire(Sink[] sinks) {
        int before = pending.length;
        exits = sinks.clone();
        if (exits.length != before) {
            pending = Arrays.copyOf(pending, exits.length);
            for (int i = before; i < pending.length; i++) {
                pending[i] = new Batch();
            }
            pendingExits = new long[(exits.length + Long.SIZE - 1) / Long.SIZE];
        }
    }

    @Override
    public void accept(Batch batch) {
        if (batch.isEmpty()) {
            return;
        }
        if (stage.isIdle()) {
            leave(batch, 0);
            return;
        }
        counters.arrived(batch.size(), batch.begin());
        pass(batch);
    }

    /** Takes packets that arrived earlier and that the stage has kept since. */
    public void acceptAgain(Batch batch) {
        batch.begin();
        pass(batch);
    }

    private void pass(Batch batch) {
        boolean timed = counters.batches() % TIMED_BATCHES == 0;
        try {
            if (timed) {
                processTimed(batch);
            } else {
                stage.process(batch);
            }
        } catch (Throwable fault) {
            faults.failed(stage.name(), fault);
            dropFrom(batch, 0);
            return;
        }
        int exit = commonExit(batch);
        if (exit >= 0) {
            leave(batch, exit);
        } else {
            settle(batch);
        }
    }

    private void processTimed(Batch batch) {
        long begin = System.nanoTime();
        stage.process(batch);
        counters.timed(batch.size(), System.nanoTime() - begin);
    }

    /** The exit that all packets leave by, or -1. */
    private static int commonExit(Batch batch) {
        int verdict = batch.verdict(0);
        if (!Verdict.isForward(verdict)) {
            return -1;
        }
        for (int i = 1; i < batch.size(); i++) {
            if (batch.verdict(i) != verdict) {
                return -1;
            }
        }
        return Verdict.argument(verdict);
    }

    private void settle(Batch batch) {
        int settled = 0;
        try {
            FloodGroups groups = replication == null ? null : replication.groups();
            for (; settled < batch.size(); settled++) {
                settle(batch, settled, groups);
            }
            batch.clear();
        } catch (Throwable fault) {
            faults.failed(stage.name(), fault);
            dropFrom(batch, settled);
        }
        for (int i = 0; i < pendingExits.length; i++) {
            for (long bits = pendingExits[i]; bits != 0; bits &= bits - 1) {
                int exit = i * Long.SIZE + Long.numberOfTrailingZeros(bits);
                leave(pending[exit], exit);
            }
            pendingExits[i] = 0;
        }
    }

    private void settle(Batch batch, int i, @Nullable FloodGroups groups) {
        Packet packet = batch.packet(i);
        int verdict = batch.verdict(i);
        long nowNanos = batch.nowNanos();
        if (Verdict.isForward(verdict)) {
            send(packet, Verdict.argument(verdict), nowNanos);
        } else if (Verdict.isAnswer(verdict)) {
            countAnswer(packet, verdict, batch.arrivedSegments(i));
            send(unremembered(packet), Verdict.answerExit(verdict), nowNanos);
        } else if (Verdict.isDrop(verdict)) {
            drop(packet, Verdict.reason(verdict));
        } else if (Verdict.isFlood(verdict) && groups != null) {
            flood(packet, groups, Verdict.argument(verdict), nowNanos);
        } else if (verdict != Verdict.CONSUMED) {
            assert false : stage.name() + " left a packet with the verdict " + Verdict.toString(verdict);
            drop(packet, DropReason.STAGE_FAILED);
        }
    }

    /** Hands a batch to the sink of an exit. A sink that throws loses the packets that it leaves in the batch. */
    private void leave(Batch batch, int exit) {
        try {
            exits[exit].accept(batch);
            assert batch.isEmpty() : "the sink left packets in the batch";
        } catch (Throwable fault) {
            faults.failed("the sink behind " + stage.name(), fault);
            for (int i = 0; i < batch.size(); i++) {
                drop(batch.packet(i), DropReason.STAGE_FAILED);
            }
            batch.clear();
        }
    }

    private void send(Packet packet, int exit, long nowNanos) {
        Batch out = pending[exit];
        if (out.isFull()) {
            leave(out, exit);
        }
        out.nowNanos(nowNanos);
        out.add(packet);
        pendingExits[exit / Long.SIZE] |= 1L << exit;
    }

    /** The packet that arrived ended here, as {@code segments} wire packets; a new one leaves. */
    private void countAnswer(Packet packet, int verdict, int segments) {
        counters.answered();
        if (Verdict.isLoss(verdict)) {
            counters.dropped(segments);
            drops.add(Verdict.reason(verdict), segments);
            drops.show(stage.name(), packet, Verdict.reason(verdict));
        } else {
            counters.consumed(segments);
        }
    }

    /** A flood or an answer says nothing about the next packet of its flow. */
    private static Packet unremembered(Packet packet) {
        FlowRecording recording = packet.recording();
        if (recording != null) {
            recording.markUncacheable();
        }
        return packet;
    }

    private void flood(Packet packet, FloodGroups groups, int group, long nowNanos) {
        int reached = 0;
        int last = Packet.NO_PORT;
        for (int i = 0; i < groups.size(group); i++) {
            int port = groups.port(group, i);
            if (FloodGroups.reaches(packet.inPort(), port)) {
                reached++;
                last = port;
            }
        }
        if (reached == 0) {
            drop(packet, DropReason.NO_FLOOD_MEMBER);
        } else if (reached > 1 && packet.path() != Packet.UNDECIDED) {
            replicate(packet, groups, group, nowNanos);
        } else {
            sendCopies(packet, groups, group, last, false, nowNanos);
            send(unremembered(packet).outPort(last), exit(last), nowNanos);
        }
    }

    /**
     * Sends copies to all members and keeps the packet until they have settled. A steered packet counts as settled when
     * it returns to its pool, whatever became of its copies. It returns last, so that the order guard waits for the
     * copies, too.
     */
    private void replicate(Packet packet, FloodGroups groups, int group, long nowNanos) {
        counters.copied(-packet.wirePackets());
        packet.hold();
        sendCopies(packet, groups, group, Packet.NO_PORT, true, nowNanos);
        packet.letGo();
    }

    /** Sends copies to all members but {@code last}, as children of the packet where it is to go home last. */
    private void sendCopies(
            Packet packet, FloodGroups groups, int group, int last, boolean areChildren, long nowNanos) {
        for (int i = 0; i < groups.size(group); i++) {
            int port = groups.port(group, i);
            if (port != last && FloodGroups.reaches(packet.inPort(), port)) {
                counters.copied(packet.wirePackets());
                Packet copy = copy(packet);
                if (copy != null) {
                    if (areChildren) {
                        copy.childOf(packet);
                    }
                    send(copy.outPort(port), exit(port), nowNanos);
                }
            }
        }
    }

    private @Nullable Packet copy(Packet packet) {
        Packet copy = pool.copy(packet);
        if (copy == null) {
            drops.lose(packet, DropReason.FLOOD_COPY_FAILED, packet.wirePackets());
            counters.dropped(packet.wirePackets());
        }
        return copy;
    }

    private int exit(int port) {
        assert replication != null;
        return replication.exit(port);
    }

    private void drop(Packet packet, DropReason reason) {
        counters.dropped(packet.wirePackets());
        drops.drop(stage.name(), packet, reason);
    }

    /**
     * Drops the packets that a failure left, counted as they arrived: the stage may already have made a reply from a
     * packet.
     */
    private void dropFrom(Batch batch, int from) {
        for (int i = from; i < batch.size(); i++) {
            if (batch.verdict(i) != Verdict.CONSUMED) {
                counters.dropped(batch.arrivedSegments(i));
                drops.add(DropReason.STAGE_FAILED, batch.arrivedSegments(i));
                batch.packet(i).pool().release(batch.packet(i));
            }
        }
        batch.clear();
    }
}
