package dev.peregrine.dataplane.packet;

import dev.peregrine.dataplane.linux.sys.HugePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The packets and buffers of one worker: a slab of equal off-heap buffers and a fixed set of {@link Packet} views.
 *
 * <p>Several packets may view one buffer (the datagrams of one aggregate); the buffer returns to the pool with the last
 * of them. Reference counts are plain ints: a pool belongs to one worker. An empty pool answers {@code null}, counts
 * that as a {@linkplain #shortages shortage}, and its owner then stops receiving, so that the kernel's queue drops and
 * counts.
 *
 * <p>A packet that was handed to another worker returns to its owner over a link that has room for the whole pool: the
 * holder only {@link #release}s it, and the owner {@link #takeReturns}. So nobody but the owner counts references.
 *
 * <p>The owner can issue tickets: {@link #outstanding} says how many packets with one are still on their way, wherever
 * they are, which tells when all packets of a flow have settled.
 */
public final class PacketPool implements AutoCloseable {
    /** Bytes in front of a fresh packet, enough for every header that a device pushes. */
    public static final int HEADROOM = 128;

    /** Bytes that a fresh packet can hold: the largest frame of a TAP device with offloads (64 KiB) and its headers. */
    public static final int ROOM = 64 * 1024 + 256;

    /** Number of different tickets; a power of two. */
    public static final int TICKETS = 4096;

    /** Bytes off the heap that each buffer takes. */
    public static final int BUFFER_SIZE = HEADROOM + ROOM;

    private final Arena arena;
    private final MemorySegment slab;
    private final int[] references;
    private final int[] freeBuffers;
    private final Packet[] freePackets;
    private final int packetCount;
    private final int owner;
    private final @Nullable PacketRing[] returns;
    private final Batch home = new Batch();
    private final int[] outstanding = new int[TICKETS];
    private final Counter shortages = new Counter();
    private volatile Runnable raise = () -> {};
    private int children;
    private int freeBufferCount;
    private int freePacketCount;

    /** The pool of an only worker. */
    public PacketPool(int buffers, int packets) {
        this(0, 1, buffers, packets);
    }

    /**
     * Allocates the slab.
     *
     * @param owner number of the worker that owns the pool, from 0
     * @param workers how many workers there are that packets may be handed to
     * @param buffers number of buffers, the sum of everyone who can hold one
     * @param packets number of packet views, at least {@code buffers}
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public PacketPool(int owner, int workers, int buffers, int packets) {
        if (buffers < 1 || packets < buffers) {
            throw new IllegalArgumentException("buffers " + buffers + ", packets " + packets);
        }
        arena = Arena.ofShared();
        slab = HugePages.allocate(arena, (long) buffers * BUFFER_SIZE);
        references = new int[buffers];
        freeBuffers = new int[buffers];
        freePackets = new Packet[packets];
        packetCount = packets;
        this.owner = owner;
        returns = returnLinks(owner, workers, packets);
        for (int i = 0; i < buffers; i++) {
            freeBuffers[i] = buffers - 1 - i;
        }
        freeBufferCount = buffers;
        for (int i = 0; i < packets; i++) {
            freePackets[i] = new Packet(this, slab);
        }
        freePacketCount = packets;
    }

    private static @Nullable PacketRing[] returnLinks(int owner, int workers, int packets) {
        @Nullable PacketRing[] links = new PacketRing[workers];
        for (int holder = 0; holder < workers; holder++) {
            if (holder != owner) {
                links[holder] = new PacketRing(packets);
            }
        }
        return links;
    }

    /** The worker that owns this pool. */
    public int owner() {
        return owner;
    }

    /** A packet over a fresh buffer: length 0, {@link #HEADROOM} in front, {@link #ROOM} behind; or null when empty. */
    public @Nullable Packet acquire() {
        if (freeBufferCount == 0 || freePacketCount == 0) {
            shortages.add(1);
            return null;
        }
        int buffer = freeBuffers[--freeBufferCount];
        Packet packet = freePackets[--freePacketCount];
        references[buffer] = 1;
        long base = (long) buffer * BUFFER_SIZE;
        packet.reset(buffer, base, base + HEADROOM, base + BUFFER_SIZE);
        return packet;
    }

    /**
     * A second packet over the bytes of {@code source}, whose buffer it shares; the caller sets its extent by
     * {@link Packet#view}. Null when no packet is left. Called by the holder of the source, who if he does not own the
     * pool gets one that was {@linkplain #lend lent} with it.
     */
    public @Nullable Packet share(Packet source) {
        assert source.pool() == this : "packet of another pool";
        if (source.holder() != owner) {
            return source.takeSpare();
        }
        if (freePacketCount == 0) {
            return null;
        }
        Packet packet = freePackets[--freePacketCount];
        references[source.buffer()]++;
        packet.reset(source.buffer(), source.floor(), source.offset(), source.ceiling());
        packet.inheritMetadata(source);
        if (source.isTicketed()) {
            issue(packet, source.ticket());
        }
        return packet;
    }

    /**
     * Sends views along with a packet that is about to be handed over, for its next holder to {@link #share}: as many
     * as are left, at most {@code views}. Those not used come home with it.
     */
    public void lend(Packet packet, int views) {
        for (int i = 0; i < views; i++) {
            Packet view = share(packet);
            if (view == null) {
                return;
            }
            packet.addSpare(view);
        }
    }

    /** Gives a packet a ticket, 0 to {@link #TICKETS} - 1; called by the owner, once for a packet. */
    public void issue(Packet packet, int ticket) {
        assert packet.pool() == this && !packet.isTicketed() : "ticket of another pool, or a second one";
        packet.ticket(ticket);
        outstanding[ticket]++;
    }

    /** Packets with a ticket that have not come home; called by the owner. */
    public int outstanding(int ticket) {
        return outstanding[ticket];
    }

    /**
     * A copy, in a buffer of this pool, with the fragments of a superframe laid end to end; null when empty. Called by
     * the owner of this pool, who holds the source, which may be of another pool.
     */
    public @Nullable Packet copy(Packet source) {
        Packet copy = acquire();
        if (copy != null) {
            copy.copyFrom(source);
        }
        return copy;
    }

    /** Lets go of a packet; called by its holder. The buffer is free when no packet views it any more. */
    public void release(Packet packet) {
        assert packet.pool() == this : "packet of another pool";
        PacketRing link = returns[packet.holder()];
        if (link == null) {
            takeBack(packet);
        } else {
            boolean isChild = packet.isChild();
            boolean given = link.give(packet);
            assert given : "a return link is smaller than its pool";
            if (isChild) {
                raise.run();
            }
        }
    }

    /**
     * Lets go of the packets of this pool from {@code from} on, up to the first of another or {@code to}; returns its
     * index.
     */
    int release(Batch batch, int from, int to) {
        PacketRing link = returns[batch.packet(from).holder()];
        int end = from;
        boolean anyChild = false;
        while (end < to && batch.packet(end).pool() == this) {
            anyChild |= batch.packet(end).isChild();
            end++;
        }
        if (link == null) {
            for (int i = from; i < end; i++) {
                takeBack(batch.packet(i));
            }
            return end;
        }
        boolean isRoom = link.room(end - from) == end - from;
        assert isRoom : "a return link is smaller than its pool";
        link.give(batch, from, end - from);
        if (anyChild) {
            raise.run();
        }
        return end;
    }

    /**
     * Sets what makes the owner take a turn when a child comes home, whose parent somebody may wait for; called by
     * other workers' threads.
     */
    public void raisedBy(Runnable call) {
        raise = call;
    }

    void childMade() {
        children++;
    }

    void childReturned() {
        children--;
    }

    /** Whether children may have come home; called by the owner, who must not sleep then. */
    public boolean hasChildren() {
        if (children > 0) {
            for (PacketRing link : returns) {
                if (link != null && !link.isEmpty()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Takes back what other workers released; called by the owner, once a turn. Returns how many packets came. */
    public int takeReturns() {
        int taken = 0;
        for (PacketRing link : returns) {
            while (link != null && link.take(home) > 0) {
                taken += home.size();
                takeHome();
            }
        }
        return taken;
    }

    /** Touches all packets first, so that their cache lines, which the other worker has, come together. */
    private void takeHome() {
        for (int i = 0; i < home.size(); i++) {
            home.packet(i).handTo(owner, 0);
        }
        for (int i = 0; i < home.size(); i++) {
            takeBack(home.packet(i));
        }
        home.clear();
    }

    private void takeBack(Packet packet) {
        for (Packet spare = packet.takeSpare(); spare != null; spare = packet.takeSpare()) {
            free(spare);
        }
        free(packet);
        packet.leaveParent();
    }

    private void free(Packet packet) {
        if (packet.isTicketed()) {
            outstanding[packet.ticket()]--;
        }
        int buffer = packet.buffer();
        assert buffer >= 0 : "packet released twice";
        int left = --references[buffer];
        assert left >= 0 : "buffer released twice";
        if (left == 0) {
            freeBuffers[freeBufferCount++] = buffer;
        }
        packet.retire();
        freePackets[freePacketCount++] = packet;
    }

    /** Buffers that can be acquired now. */
    public int available() {
        return Math.min(freeBufferCount, freePacketCount);
    }

    /**
     * How often nobody could be given a buffer: who receives then leaves to the kernel what waits, other losses have
     * reasons of their own. Any thread may ask.
     */
    public long shortages() {
        return shortages.value();
    }

    /** Whether every buffer and packet is back: the state at rest. */
    public boolean isFull() {
        return freeBufferCount == freeBuffers.length && freePacketCount == packetCount;
    }

    /** Number of buffers. */
    public int capacity() {
        return freeBuffers.length;
    }

    /** Packet views that can be taken now. */
    public int availablePackets() {
        return freePacketCount;
    }

    /** Frees the slab; no packet may be used afterwards. */
    @Override
    public void close() {
        arena.close();
    }
}
