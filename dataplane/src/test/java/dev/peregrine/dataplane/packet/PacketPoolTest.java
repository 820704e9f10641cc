package dev.peregrine.dataplane.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketPoolTest {
    private final PacketPool pool = new PacketPool(2, 4);

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void answersNullWhenBuffersOrViewsAreOut() {
        Packet first = Objects.requireNonNull(pool.acquire());
        Packet second = Objects.requireNonNull(pool.acquire());
        assertNull(pool.acquire());
        assertNull(pool.copy(first));
        assertEquals(0, pool.available());
        Packet third = Objects.requireNonNull(pool.share(first));
        Packet fourth = Objects.requireNonNull(pool.share(first));
        assertNull(pool.share(first));
        for (Packet packet : List.of(first, second, third, fourth)) {
            pool.release(packet);
        }
    }

    @Test
    void keepsABufferUntilItsLastViewIsReleased() {
        Packet first = Packets.of(pool, new byte[] {1, 2, 3, 4});
        Packet view = Objects.requireNonNull(pool.share(first)).view(first.floor(), first.offset() + 2, 2);
        pool.release(first);
        assertFalse(pool.isFull());
        assertEquals(1, pool.available());
        Packet other = Packets.of(pool, new byte[] {9, 9, 9, 9});
        assertArrayEquals(new byte[] {3, 4}, Packets.bytes(view));
        pool.release(other);
        pool.release(view);
        assertEquals(2, pool.available());
    }

    @Test
    void sharesMetadataButNotDissection() {
        Packet first = Packets.of(pool, new byte[100]);
        first.segment(1)
                .inPort(2)
                .outPort(3)
                .flowHash(4)
                .outerTos(5)
                .outerTtl(6)
                .mark(7);
        first.dissected(0x0800, 14, 6, 34).checksum(Checksum.PARTIAL);
        Packet view = Objects.requireNonNull(pool.share(first));
        assertMetadata(view);
        assertEquals(-1, view.networkIndex());
        assertEquals(Checksum.UNKNOWN, view.checksum());
        pool.release(first);
        pool.release(view);
    }

    @Test
    void copiesBytesMetadataAndDissection() {
        Packet first = Packets.of(pool, new byte[100]);
        first.segment(1)
                .inPort(2)
                .outPort(3)
                .flowHash(4)
                .outerTos(5)
                .outerTtl(6)
                .mark(7);
        first.dissected(0x0800, 14, 6, 34).checksum(Checksum.PARTIAL);
        first.push(8).setByte(107, 42);
        Packet copy = Objects.requireNonNull(pool.copy(first));
        first.setByte(107, 0);
        assertMetadata(copy);
        assertEquals(0x0800, copy.etherType());
        assertEquals(22, copy.networkIndex());
        assertEquals(6, copy.protocol());
        assertEquals(42, copy.transportIndex());
        assertEquals(Checksum.PARTIAL, copy.checksum());
        assertEquals(42, copy.getByte(107));
        assertEquals(PacketPool.HEADROOM, copy.headroom());
        pool.release(first);
        pool.release(copy);
    }

    @Test
    void copiesASuperframeEndToEnd() {
        byte[] bytes = new byte[500];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Packet first = Packets.of(pool, bytes);
        first.view(first.floor(), first.offset(), 100).slices(first.offset() + 120, 100, 80, 3, 5);
        Packet copy = Objects.requireNonNull(pool.copy(first));
        assertArrayEquals(Packets.bytes(first), Packets.bytes(copy));
        assertTrue(copy.isContiguous());
        assertEquals(first.wirePackets(), copy.wirePackets());
        assertEquals(first.segmentSize(), copy.segmentSize());
        assertEquals(first.wireBytes(), copy.wireBytes());
        pool.release(first);
        pool.release(copy);
    }

    @Test
    void noticesADoubleRelease() {
        Packet packet = Objects.requireNonNull(pool.acquire());
        pool.release(packet);
        assertThrows(AssertionError.class, () -> pool.release(packet));
    }

    @Test
    void refusesImpossibleSizes() {
        assertThrows(IllegalArgumentException.class, () -> new PacketPool(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new PacketPool(4, 3));
    }

    @Test
    void neverGivesTwoBuffersTheSameBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        try (PacketPool many = new PacketPool(8, 24)) {
            List<Marked> held = new ArrayList<>();
            for (int round = 0; round < 20_000; round++) {
                if (random.nextBoolean() && many.available() > 0) {
                    Packet packet = Objects.requireNonNull(many.acquire()).put(4);
                    held.add(new Marked(packet, random.nextInt()));
                    packet.setInt(0, held.getLast().mark);
                } else if (!held.isEmpty() && random.nextInt(3) == 0 && many.availablePackets() > 8) {
                    Marked source = held.get(random.nextInt(held.size()));
                    Packet view = Objects.requireNonNull(many.share(source.packet));
                    view.view(source.packet.floor(), source.packet.offset(), 4);
                    held.add(new Marked(view, source.mark));
                } else if (!held.isEmpty()) {
                    Marked released = held.remove(random.nextInt(held.size()));
                    assertEquals(released.mark, released.packet.getInt(0), seed::toString);
                    many.release(released.packet);
                }
            }
            held.forEach(marked -> many.release(marked.packet));
            assertTrue(many.isFull(), seed::toString);
        }
    }

    private record Marked(Packet packet, int mark) {}

    private static void assertMetadata(Packet packet) {
        assertEquals(1, packet.segment());
        assertEquals(2, packet.inPort());
        assertEquals(3, packet.outPort());
        assertEquals(4, packet.flowHash());
        assertEquals(5, packet.outerTos());
        assertEquals(6, packet.outerTtl());
        assertEquals(7, packet.mark());
    }
}
