package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.ReceiveVector;
import dev.peregrine.dataplane.linux.UdpSocket;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.VtepTable;
import org.jspecify.annotations.Nullable;

/** The receiving half of a {@link NativeUnderlay}: lends pooled buffers to {@code recvmmsg}. */
final class Receiver implements AutoCloseable {
    /** The most buffers lent to the kernel: what fits the second-level cache when they come back full. */
    static final int LENT = 16;

    private final UdpSocket socket;
    private final VtepTable vteps;
    private final PacketPool pool;
    private final DropCounters drops;
    private final VtepCounters counters;
    private final int bufferBytes;
    private final ReceiveVector vector = new ReceiveVector(LENT);

    /** The packets whose buffers are lent: from {@link #firstLent} to the end. */
    private final @Nullable Packet[] lent = new Packet[LENT];

    private int firstLent = LENT;
    private boolean drained;
    private int lossesSeen;

    Receiver(
            UdpSocket socket,
            VtepTable vteps,
            PacketPool pool,
            DropCounters drops,
            VtepCounters counters,
            int bufferBytes) {
        this.socket = socket;
        this.vteps = vteps;
        this.pool = pool;
        this.drops = drops;
        this.counters = counters;
        this.bufferBytes = bufferBytes;
    }

    /**
     * Adds what the kernel has, as much as the batch and the lent buffers take. After a receive that found less than
     * it had room for, the queue was empty: the next call answers 0 without asking, and polling goes on when the file
     * descriptor is announced.
     */
    int poll(Batch batch) {
        if (drained) {
            drained = false;
            return 0;
        }
        lend();
        int room = Math.min(LENT - firstLent, Batch.CAPACITY - batch.size());
        if (room == 0) {
            return 0;
        }
        int received = Math.max(0, vector.receive(socket, firstLent, room));
        drained = received > 0 && received < room;
        int added = 0;
        for (int i = 0; i < received; i++) {
            if (take(firstLent++, batch)) {
                added++;
            }
        }
        return added;
    }

    private void lend() {
        while (firstLent > 0) {
            Packet packet = pool.acquire();
            if (packet == null) {
                return;
            }
            lent[--firstLent] = packet;
            vector.buffer(firstLent, packet.address(), bufferBytes);
        }
    }

    private boolean take(int message, Batch batch) {
        Packet packet = lent[message];
        assert packet != null : "received into a buffer that was not lent";
        lent[message] = null;
        int length = vector.length(message);
        describe(packet, length, vector.segmentSize(message));
        int port = vteps.port(vector.sourceHigh(message), vector.sourceLow(message));
        if (port >= 0) {
            counters.received(Ports.tunnelIndex(port), packet.segments(), length);
        }
        if (vector.truncated(message)) {
            drops.drop(packet, DropReason.UNDERLAY_TRUNCATED);
            return false;
        }
        packet.inPort(port).outerTos(Math.max(0, vector.tos(message))).outerTtl(Math.max(0, vector.ttl(message)));
        batch.add(packet);
        return true;
    }

    /** Head: the first datagram. Fragments: those that the kernel put behind it. */
    private static void describe(Packet packet, int length, int segmentSize) {
        if (segmentSize <= 0 || segmentSize >= length) {
            packet.put(length);
            return;
        }
        packet.put(segmentSize);
        int rest = length - segmentSize;
        int count = (rest + segmentSize - 1) / segmentSize;
        packet.fragments(
                packet.offset() + segmentSize, segmentSize, segmentSize, count, rest - (count - 1) * segmentSize);
    }

    /** Takes the kernel's count of datagrams lost so far, a 32-bit number that wraps. */
    void countLosses() throws LinuxException {
        int total = (int) socket.drops();
        drops.add(DropReason.UNDERLAY_RECEIVE_OVERFLOW, Integer.toUnsignedLong(total - lossesSeen));
        lossesSeen = total;
    }

    UdpSocket socket() {
        return socket;
    }

    @Override
    public void close() {
        for (int i = firstLent; i < LENT; i++) {
            Packet packet = lent[i];
            if (packet != null) {
                pool.release(packet);
                lent[i] = null;
            }
        }
        firstLent = LENT;
        socket.close();
        vector.close();
    }
}
