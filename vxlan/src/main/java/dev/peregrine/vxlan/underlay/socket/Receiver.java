package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.Arrivals;
import dev.peregrine.vxlan.underlay.ReceiveFailures;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a {@link NativeUnderlay}: lends pooled buffers to {@code recvmmsg}, in one of two layouts.
 *
 * <p><b>Large.</b> Each message has a buffer of its own, for datagrams that {@code UDP_GRO} merged or a sender never
 * cut.
 *
 * <p><b>Slots.</b> The kernel merges nothing where inner checksums are unfilled or flows are many. Then all messages
 * share one buffer, a slot each, so that datagrams of one flow lie at equal strides and the coalescer can still merge
 * them; many small datagrams also touch little memory. A datagram that does not fit its slot spills into the message's
 * own buffer, behind a gap. The receiver copies the slot's bytes into that gap, and uses large buffers from then on.
 * There is always a gap between datagrams that were received separately: only datagrams that the kernel merged lie end
 * to end.
 */
final class Receiver implements AutoCloseable {
    /** The most large messages of one receive: they fit the second-level cache when they come back full. */
    static final int LARGE_MESSAGES = 16;

    /** The most slotted messages of one receive, and the most buffers lent to it. */
    static final int LENT = 32;

    private static final int SLOT_BYTES = 2048;

    /** One for the buffer of slots, and for each message one that is lent and one for the datagram in its slot. */
    private static final int VIEWS_FOR_SLOTS = 1 + 2 * LENT;

    private final UdpSocket socket;
    private final VtepTable vteps;
    private final PacketPool pool;
    private final DropCounters drops;
    private final VtepCounters counters;
    private final int bufferBytes;
    private final Merging merging;
    private @Nullable Arrivals arrivals;
    private final ReceiveFailures failures = new ReceiveFailures();
    private final ReceiveVector vector = new ReceiveVector(LENT);

    /** The packet whose buffer is lent to each message. */
    private final @Nullable Packet[] lent = new Packet[LENT];

    private boolean slotted;
    private boolean drained;
    private int lossesSeen;

    Receiver(
            UdpSocket socket,
            VtepTable vteps,
            PacketPool pool,
            DropCounters drops,
            VtepCounters counters,
            Merging merging,
            int bufferBytes) {
        this.socket = socket;
        this.vteps = vteps;
        this.pool = pool;
        this.drops = drops;
        this.counters = counters;
        this.merging = merging;
        this.bufferBytes = bufferBytes;
    }

    /**
     * Adds the datagrams that the kernel has, as many as the batch and the lent buffers hold. A receive that found
     * fewer than it had room for has emptied the queue: the next call returns 0 without a system call, and polling
     * resumes when the file descriptor is readable.
     */
    int poll(Batch batch) {
        if (drained) {
            drained = false;
            return 0;
        }
        Packet slots = slotted && pool.availablePackets() >= VIEWS_FOR_SLOTS ? pool.acquire() : null;
        int room = lend(Math.min(slots == null ? LARGE_MESSAGES : LENT, Batch.CAPACITY - batch.size()), slots);
        int received = room == 0 ? 0 : receive(room);
        drained = received > 0 && received < room;
        int before = batch.size();
        if (slots == null) {
            for (int i = 0; i < received; i++) {
                takeLarge(i, batch);
            }
        } else {
            takeSlots(slots, received, batch);
        }
        if (received > 0) {
            slotted = areSmall(received);
        }
        if (drained) {
            merging.drained();
        }
        return batch.size() - before;
    }

    private int receive(int room) {
        int received = vector.receive(socket, 0, room);
        if (received < 0) {
            failures.failed(received);
            return 0;
        }
        failures.clear();
        if (received == 0) {
            merging.drained();
        }
        if (arrivals != null) {
            tell(arrivals, received);
        }
        return received;
    }

    private void tell(Arrivals listener, int received) {
        for (int i = 0; i < received; i++) {
            listener.came(vector.sourceHigh(i), vector.sourceLow(i), vector.sourcePort(i), vector.length(i));
        }
    }

    /** Tells of all datagrams from now on; of none if null. */
    void announceTo(@Nullable Arrivals listener) {
        arrivals = listener;
    }

    /** Lends buffers to messages 0 to {@code room - 1}, and slots if there are any; returns how many have one. */
    private int lend(int room, @Nullable Packet slots) {
        for (int i = 0; i < room; i++) {
            Packet packet = lent[i];
            if (packet == null) {
                packet = pool.acquire();
                if (packet == null) {
                    return i;
                }
                lent[i] = packet;
            }
            if (slots == null) {
                vector.buffer(i, packet.address(), bufferBytes);
            } else {
                vector.buffers(
                        i,
                        slots.address() + (long) i * SLOT_BYTES,
                        Math.min(SLOT_BYTES, bufferBytes),
                        packet.address() + SLOT_BYTES,
                        Math.max(0, bufferBytes - SLOT_BYTES));
            }
        }
        return room;
    }

    private boolean areSmall(int received) {
        for (int i = 0; i < received; i++) {
            if (vector.length(i) > SLOT_BYTES || isMerged(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isMerged(int message) {
        int segmentSize = vector.segmentSize(message);
        return segmentSize > 0 && segmentSize < vector.length(message);
    }

    /** Takes the datagrams in the slots, as aggregates of datagrams that may be of one flow. */
    private void takeSlots(Packet slots, int received, Batch batch) {
        int i = 0;
        while (i < received) {
            if (vector.length(i) > SLOT_BYTES || isMerged(i) || vector.truncated(i)) {
                takeSpilled(slots, i++, batch);
                continue;
            }
            int end = endOfRun(i, received);
            Packet run = pool.share(slots);
            if (run == null) {
                drops.add(DropReason.POOL_EMPTY, end - i);
            } else {
                takeRun(run, slots, i, end, batch);
            }
            i = end;
        }
        pool.release(slots);
    }

    /**
     * The end of the run of datagrams that begins at {@code first}: from one VTEP, with equal outer fields, of one
     * length.
     */
    private int endOfRun(int first, int received) {
        int length = vector.length(first);
        int end = first + 1;
        while (end < received && length < SLOT_BYTES && vector.length(end - 1) == length && isAlike(first, end)) {
            end++;
        }
        return end;
    }

    private boolean isAlike(int first, int next) {
        int length = vector.length(next);
        return length > 0
                && length <= vector.length(first)
                && !isMerged(next)
                && vector.sourceLow(next) == vector.sourceLow(first)
                && vector.sourceHigh(next) == vector.sourceHigh(first)
                && vector.tos(next) == vector.tos(first)
                && vector.ttl(next) == vector.ttl(first);
    }

    private void takeRun(Packet run, Packet slots, int first, int end, Batch batch) {
        long position = slots.offset() + (long) first * SLOT_BYTES;
        int length = vector.length(first);
        int count = end - first - 1;
        long ceiling = position + (long) (end - first) * SLOT_BYTES;
        run.view(first == 0 ? slots.floor() : position, position, length, ceiling);
        if (count > 0) {
            run.slices(position + SLOT_BYTES, SLOT_BYTES, length, count, vector.length(end - 1));
        }
        add(run, first, length * count + vector.length(end - 1), batch);
    }

    /** Copies the slot's bytes in front of those that spilled. */
    private void takeSpilled(Packet slots, int message, Batch batch) {
        Packet packet = lent[message];
        assert packet != null : "received into a buffer that was not lent";
        int inSlot = Math.min(vector.length(message), SLOT_BYTES);
        long slot = slots.offset() + (long) message * SLOT_BYTES;
        MemorySegment.copy(slots.memory(), slot, packet.memory(), packet.offset(), inSlot);
        takeLarge(message, batch);
    }

    private void takeLarge(int message, Batch batch) {
        Packet packet = lent[message];
        assert packet != null : "received into a buffer that was not lent";
        lent[message] = null;
        int length = vector.length(message);
        describe(packet, length, vector.segmentSize(message));
        add(packet, message, length, batch);
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
        packet.slices(packet.offset() + segmentSize, segmentSize, segmentSize, count, rest - (count - 1) * segmentSize);
    }

    private void add(Packet packet, int message, int length, Batch batch) {
        int port = vteps.port(vector.sourceHigh(message), vector.sourceLow(message));
        if (port >= 0) {
            counters.received(Ports.tunnelIndex(port), packet.wirePackets(), length);
        }
        if (vector.truncated(message)) {
            drops.drop(packet, DropReason.UNDERLAY_TRUNCATED);
            return;
        }
        if (merging.isStale(length)) {
            drops.drop(packet, DropReason.UNDERLAY_AMBIGUOUS);
            return;
        }
        packet.inPort(port).outerTos(Math.max(0, vector.tos(message))).outerTtl(Math.max(0, vector.ttl(message)));
        batch.add(packet);
    }

    /** Adds the kernel's count of datagrams lost so far, a 32-bit number that wraps. */
    void countLosses() throws LinuxException {
        int total = (int) socket.drops();
        drops.add(DropReason.UNDERLAY_RECEIVE_OVERFLOW, Integer.toUnsignedLong(total - lossesSeen));
        lossesSeen = total;
    }

    Merging merging() {
        return merging;
    }

    ReceiveFailures failures() {
        return failures;
    }

    UdpSocket socket() {
        return socket;
    }

    @Override
    public void close() {
        for (int i = 0; i < LENT; i++) {
            Packet packet = lent[i];
            if (packet != null) {
                pool.release(packet);
                lent[i] = null;
            }
        }
        socket.close();
        vector.close();
    }
}
