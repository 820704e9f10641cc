package dev.peregrine.testkit;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A workload in memory, in place of a TAP device: frames are bytes, given by {@link #send} and taken by
 * {@link #received}. Bounded as a device is: a full receive queue drops as {@link DropReason#ENDPOINT_FULL}. Not
 * thread-safe.
 */
public final class MemoryEndpoint implements Endpoint {
    private final PacketPool pool;
    private final DropCounters drops;
    private final int capacity;
    private final Wire wire = new Wire();
    private final Deque<Outgoing> outgoing = new ArrayDeque<>();
    private List<byte[]> incoming = new ArrayList<>();
    private long receivedSegments;
    private boolean gone;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Outgoing(byte[] frame, int segmentSize) {}

    /** A workload whose receive queue holds {@code capacity} wire packets. */
    public MemoryEndpoint(PacketPool pool, DropCounters drops, int capacity) {
        this.pool = pool;
        this.drops = drops;
        this.capacity = capacity;
    }

    // ---- the workload's side ----------------------------------------------------------------------------------

    /** The workload sends a frame. */
    public void send(byte[] frame) {
        outgoing.add(new Outgoing(frame, 0));
    }

    /** The workload sends a TCP or UDP superframe, to be cut into segments with at most that many payload bytes. */
    public void sendSuperframe(byte[] frame, int segmentSize) {
        outgoing.add(new Outgoing(frame, segmentSize));
    }

    /** The wire frames that arrived since the last call, in order; makes room for more. */
    public List<byte[]> received() {
        List<byte[]> taken = incoming;
        incoming = new ArrayList<>();
        return taken;
    }

    /** Wire packets that arrived so far. */
    public long receivedSegments() {
        return receivedSegments;
    }

    /** The device goes away. */
    public void vanish() {
        gone = true;
    }

    // ---- the gateway's side -----------------------------------------------------------------------------------

    /** Another worker's end of the same workload, which only delivers. */
    public Endpoint deliverer(DropCounters workersDrops) {
        return new Deliverer(workersDrops);
    }

    private final class Deliverer implements Endpoint {
        private final DropCounters workersDrops;

        private Deliverer(DropCounters workersDrops) {
            this.workersDrops = workersDrops;
        }

        @Override
        public int poll(Batch batch) {
            return 0;
        }

        @Override
        public void accept(Batch batch) {
            deliver(batch, workersDrops);
        }

        @Override
        public int fd() {
            return -1;
        }

        @Override
        public boolean isGone() {
            return gone;
        }

        @Override
        public void close() {}
    }

    @Override
    public int poll(Batch batch) {
        int added = 0;
        while (!outgoing.isEmpty() && !batch.isFull()) {
            Packet packet = pool.acquire();
            if (packet == null) {
                break;
            }
            Outgoing next = outgoing.remove();
            Wire.fill(packet, next.frame());
            Dissector.dissect(packet, 0);
            if (next.segmentSize() > 0) {
                TransportChecksum.makePartial(packet);
                packet.cut(Dissector.payloadIndex(packet), next.segmentSize());
            }
            batch.add(packet);
            added++;
        }
        return added;
    }

    @Override
    public boolean isReady() {
        return !outgoing.isEmpty();
    }

    @Override
    public void accept(Batch batch) {
        deliver(batch, drops);
    }

    private void deliver(Batch batch, DropCounters workersDrops) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (gone) {
                workersDrops.lose(packet, DropReason.PORT_DOWN, packet.wirePackets());
            } else if (incoming.size() + packet.wirePackets() > capacity) {
                workersDrops.lose(packet, DropReason.ENDPOINT_FULL, packet.wirePackets());
            } else {
                incoming.addAll(wire.segments(packet));
                receivedSegments += packet.wirePackets();
            }
        }
        batch.release();
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public void close() {
        outgoing.clear();
    }
}
