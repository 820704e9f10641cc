package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.load.VxlanFrames;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Stands for an underlay socket: writes datagrams into fresh buffers as they become due. A ring like a network card's
 * stands behind it: packets that become due while the ring is full are lost. Stamps hold the flow, the sequence number
 * and the time at which a packet was due, not at which it was taken, so that a late worker cannot hide its delay.
 * Belongs to one worker.
 */
public final class MemorySource implements Source, AutoCloseable {
    /** Datagrams that the ring holds. */
    public static final int RING = 1024;

    private final PacketPool pool;
    private final int tunnelPort;
    private final Traffic traffic;
    private final FlowOrder order;
    private final Pace pace;
    private final Arena arena = Arena.ofShared();
    private final VxlanFrames frames;
    private final long[] sequences;
    private final int first;
    private final int step;
    private final @Nullable PreparedDatagrams prepared;
    private final Counter sent = new Counter();
    private final Counter lost = new Counter();
    private long next;

    /**
     * A source.
     *
     * @param pool the worker's
     * @param first the first flow of this source
     * @param step the distance from one of its flows to the next
     * @param tunnelPort the port that the packets seem to come from
     * @param prepared whether datagrams are written in advance, and stamps are meaningless
     */
    public MemorySource(
            PacketPool pool,
            int first,
            int step,
            int tunnelPort,
            Traffic traffic,
            FlowOrder order,
            Pace pace,
            boolean prepared) {
        this.pool = pool;
        this.first = first;
        this.step = step;
        this.tunnelPort = tunnelPort;
        this.traffic = traffic;
        this.order = order;
        this.pace = pace;
        frames = traffic.frames(arena);
        sequences = new long[traffic.flows()];
        this.prepared = prepared ? new PreparedDatagrams(pool, traffic) : null;
    }

    @Override
    public int poll(Batch batch) {
        long due = due();
        int before = batch.size();
        while (next < due && !batch.isFull()) {
            Packet packet = pool.acquire();
            if (packet == null) {
                break;
            }
            write(packet, first + step * order.next(), pace.dueNanos(next));
            next++;
            batch.add(packet);
        }
        int taken = batch.size() - before;
        sent.add((long) taken * traffic.datagrams());
        return taken;
    }

    /** Packets due, without those that did not fit the ring. */
    private long due() {
        if (!pace.isLimited()) {
            return Long.MAX_VALUE;
        }
        long due = pace.due(System.nanoTime());
        long excess = due - next - RING;
        if (excess > 0) {
            next += excess;
            lost.add(excess * traffic.datagrams());
        }
        return due;
    }

    private void write(Packet packet, int flow, long dueNanos) {
        if (prepared != null) {
            prepared.write(packet, flow);
            packet.inPort(tunnelPort);
            return;
        }
        int payload = traffic.payload();
        int length = frames.overhead() + payload;
        long at = packet.offset();
        for (int i = 0; i < traffic.datagrams(); i++) {
            frames.write(packet.memory(), at, flow, flow, sequences[flow]++, dueNanos, payload);
            at += length;
        }
        packet.put(length).inPort(tunnelPort);
        if (traffic.datagrams() > 1) {
            packet.slices(packet.offset() + length, length, length, traffic.datagrams() - 1, length);
        }
    }

    @Override
    public boolean isReady() {
        return !pace.isLimited() || next < pace.due(System.nanoTime());
    }

    /** Nanoseconds until a packet is due; 0 if one is. */
    long nanosUntilDue() {
        return isReady() ? 0 : Math.max(1, pace.dueNanos(next) - System.nanoTime());
    }

    /** Datagrams that were sent so far; any thread may ask. */
    public long sent() {
        return sent.value();
    }

    /** Datagrams that found the ring full; any thread may ask. */
    public long lost() {
        return lost.value();
    }

    @Override
    public void close() {
        arena.close();
    }
}
