package dev.peregrine.dataplane.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The packets and buffers of one worker: a slab of equal off-heap buffers and a fixed set of {@link Packet} views.
 *
 * <p>Several packets may view one buffer (the datagrams of one aggregate); the buffer returns to the pool with the
 * last of them. Reference counts are plain ints: a pool belongs to one thread at a time. An empty pool answers
 * {@code null}, and its owner then stops receiving, so that the kernel's queue drops and counts.
 */
public final class PacketPool implements AutoCloseable {
    /** Bytes in front of a fresh packet, enough for every header that a device pushes. */
    public static final int HEADROOM = 128;

    /** Bytes that a fresh packet can hold: the largest frame of a TAP device with offloads (64 KiB) and its headers. */
    public static final int ROOM = 64 * 1024 + 256;

    private static final int BUFFER_SIZE = HEADROOM + ROOM;

    private final Arena arena;
    private final MemorySegment slab;
    private final int[] references;
    private final int[] freeBuffers;
    private final Packet[] freePackets;
    private final int packetCount;
    private int freeBufferCount;
    private int freePacketCount;

    /**
     * Allocates the slab.
     *
     * @param buffers number of buffers, the sum of everyone who can hold one
     * @param packets number of packet views, at least {@code buffers}
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public PacketPool(int buffers, int packets) {
        if (buffers < 1 || packets < buffers) {
            throw new IllegalArgumentException("buffers " + buffers + ", packets " + packets);
        }
        arena = Arena.ofShared();
        slab = arena.allocate((long) buffers * BUFFER_SIZE, 64);
        references = new int[buffers];
        freeBuffers = new int[buffers];
        freePackets = new Packet[packets];
        packetCount = packets;
        for (int i = 0; i < buffers; i++) {
            freeBuffers[i] = buffers - 1 - i;
        }
        freeBufferCount = buffers;
        for (int i = 0; i < packets; i++) {
            freePackets[i] = new Packet(this, slab);
        }
        freePacketCount = packets;
    }

    /** A packet over a fresh buffer: length 0, {@link #HEADROOM} in front, {@link #ROOM} behind; or null when empty. */
    public @Nullable Packet acquire() {
        if (freeBufferCount == 0 || freePacketCount == 0) {
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
     * {@link Packet#view}. Null when no packet is left.
     */
    public @Nullable Packet share(Packet source) {
        assert source.pool() == this : "packet of another pool";
        if (freePacketCount == 0) {
            return null;
        }
        Packet packet = freePackets[--freePacketCount];
        references[source.buffer()]++;
        packet.reset(source.buffer(), source.floor(), source.offset(), source.ceiling());
        packet.inheritMetadata(source);
        return packet;
    }

    /** A copy in a buffer of its own, with the fragments of a superframe laid end to end; null when empty. */
    public @Nullable Packet copy(Packet source) {
        Packet copy = acquire();
        if (copy != null) {
            copy.copyFrom(source);
        }
        return copy;
    }

    /** Takes a packet back, and its buffer with the last packet that views it. */
    public void release(Packet packet) {
        assert packet.pool() == this : "packet of another pool";
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
