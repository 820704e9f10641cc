package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.testing.CollectingSink;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A coalescer and a segmenter with what they need, for tests. */
final class Tunnel implements AutoCloseable {
    static final byte[] PREFIX = {8, 0, 0, 0, 0, 0, 42, 0};
    static final int PREFIX_LENGTH = PREFIX.length;
    static final int SEGMENT_LENGTH = 1450 + 14;

    /** Of network 42, and of network 43 with an MTU of 576; nothing else is a header. */
    static final long NETWORK_42 = 0x0800_0000_0000_2a00L;

    static final long NETWORK_43 = 0x0800_0000_0000_2b00L;

    static final TunnelHeaders HEADERS = new TunnelHeaders() {
        @Override
        public int leastMtu() {
            return 576;
        }

        @Override
        public int mtuOf(long header) {
            return header == NETWORK_42 ? 1450 : header == NETWORK_43 ? 576 : Integer.MAX_VALUE;
        }

        @Override
        public boolean isSameNetwork(long header, long other) {
            return ((header ^ other) & 0xffff_ff00L) == 0;
        }

        @Override
        public boolean isHeader(long bytes) {
            return bytes == NETWORK_42 || bytes == NETWORK_43;
        }
    };

    /** Bytes of payload in the frames that are made here. */
    static final int SIZE = 100;

    /** The frame at a position of a TCP stream over IPv4. */
    static FrameBuilder tcp(int position) {
        return FrameBuilder.tcp4()
                .id(1 + position)
                .sequence(1_000 + position * SIZE)
                .payload(SIZE);
    }

    /** The same over IPv6. */
    static FrameBuilder tcp6(int position) {
        return FrameBuilder.tcp6().sequence(1_000 + position * SIZE).payload(SIZE);
    }

    /** A UDP frame at a position of a flow over IPv4. */
    static FrameBuilder udp(int position) {
        return FrameBuilder.udp4().id(1 + position).payload(SIZE);
    }

    static byte[] prefix(long header) {
        return ByteBuffer.allocate(Long.BYTES).putLong(header).array();
    }

    final PacketPool pool;
    final DropCounters drops = new DropCounters();
    final Counters counters = new Counters();
    final CollectingSink sink = new CollectingSink();
    final Coalescer coalescer;
    private final Segmenter segmenter = new Segmenter();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(1 << 20);

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    private Tunnel(PacketPool pool, boolean merging, boolean fromWire) {
        this.pool = pool;
        coalescer = new Coalescer(() -> HEADERS, merging, fromWire, drops, counters, sink);
    }

    Tunnel(PacketPool pool, boolean merging) {
        this(pool, merging, false);
    }

    /** A tunnel whose messages come from a wire, with plenty of packets. */
    static Tunnel onWire() {
        return new Tunnel(new PacketPool(80, 80 * 64), true, true);
    }

    /** A tunnel that merges, with plenty of packets. */
    static Tunnel merging() {
        return new Tunnel(new PacketPool(80, 80 * 64), true);
    }

    /** Receives datagrams in one buffer and answers what comes out. */
    List<Packet> receive(FrameBuilder... frames) {
        List<byte[]> datagrams = new ArrayList<>();
        for (FrameBuilder frame : frames) {
            datagrams.add(frame.build(PREFIX));
        }
        return receive(datagrams);
    }

    List<Packet> receive(List<byte[]> datagrams) {
        return receive(Packets.aggregate(pool, datagrams));
    }

    List<Packet> receive(Packet... packets) {
        sink.release();
        Batch batch = Packets.batch(packets);
        batch.nowNanos(77);
        coalescer.accept(batch);
        return sink.packets();
    }

    /** The wire frames that the segmenter makes of a packet; those of a plain complete frame are its bytes. */
    List<byte[]> segment(Packet packet) {
        if (!packet.isSuperframe() && packet.checksum() != Checksum.PARTIAL) {
            return List.of(Packets.bytes(packet));
        }
        int block = segmenter.write(packet, scratch, 3);
        List<byte[]> frames = new ArrayList<>();
        byte[] bytes = Packets.bytes(packet);
        int at = block;
        for (int i = 0; i < packet.wirePackets(); i++) {
            int payload = i == 0 ? packet.headLength() - block : packet.sliceLength(i - 1);
            byte[] frame = Arrays.copyOf(
                    scratch.asSlice(3 + (long) i * block, block).toArray(ValueLayout.JAVA_BYTE), block + payload);
            System.arraycopy(bytes, at, frame, block, payload);
            at += payload;
            frames.add(frame);
        }
        return frames;
    }

    /** Asserts that datagrams are equal, but for IPv4 identification and header checksum with don't-fragment. */
    static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            byte[] left = comparable(expected.get(i));
            byte[] right = comparable(actual.get(i));
            assertArrayEquals(left, right, "segment " + i);
        }
    }

    /** A datagram with identification and header checksum blanked, if it has don't-fragment. */
    static byte[] comparable(byte[] datagram) {
        byte[] bytes = datagram.clone();
        int ip = Tunnel.PREFIX_LENGTH + 14;
        if (bytes.length > ip + 20 && bytes[ip] == 0x45 && (bytes[ip + 6] & 0x40) != 0) {
            Reference.setShort(bytes, ip + 4, 0);
            Reference.setShort(bytes, ip + 10, 0);
        }
        return bytes;
    }

    @Override
    public void close() {
        sink.release();
        boolean full = pool.isFull();
        pool.close();
        arena.close();
        if (!full) {
            throw new AssertionError("packets were lost");
        }
    }

    /** Datagrams of one length that were received apart. */
    Packet slots(List<byte[]> datagrams) {
        int slot = 2048;
        Packet packet = Objects.requireNonNull(pool.acquire());
        long at = packet.offset();
        for (byte[] datagram : datagrams) {
            MemorySegment.copy(datagram, 0, packet.memory(), ValueLayout.JAVA_BYTE, at, datagram.length);
            at += slot;
        }
        int length = datagrams.getFirst().length;
        return packet.put(length).slices(packet.offset() + slot, slot, length, datagrams.size() - 1, length);
    }
}
