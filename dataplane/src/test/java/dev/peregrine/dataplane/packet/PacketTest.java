package dev.peregrine.dataplane.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.Packets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacketTest {
    private final PacketPool pool = new PacketPool(3, 8);
    private Packet packet = Objects.requireNonNull(pool.acquire());

    @BeforeEach
    void fill() {
        pool.release(packet);
        packet = Packets.of(pool, numbered(1_000));
    }

    @AfterEach
    void close() {
        pool.release(packet);
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void isFreshWhenAcquired() {
        packet.inPort(3)
                .outPort(4)
                .segment(5)
                .flowHash(6)
                .checksum(Checksum.PARTIAL)
                .dissected(1, 2, 3, 4);
        packet.cut(10, 100);
        pool.release(packet);
        packet = Objects.requireNonNull(pool.acquire());
        assertEquals(0, packet.length());
        assertEquals(PacketPool.HEADROOM, packet.headroom());
        assertEquals(PacketPool.ROOM, packet.tailroom());
        assertEquals(Packet.NO_PORT, packet.inPort());
        assertEquals(Packet.NO_PORT, packet.outPort());
        assertEquals(-1, packet.segment());
        assertEquals(0, packet.flowHash());
        assertEquals(Checksum.UNKNOWN, packet.checksum());
        assertEquals(0, packet.etherType());
        assertEquals(-1, packet.networkIndex());
        assertEquals(-1, packet.transportIndex());
        assertFalse(packet.isSuperframe());
    }

    @Test
    void growsAndShrinksAtBothEnds() {
        packet.push(8);
        packet.setLong(0, 0x0102030405060708L);
        assertEquals(1_008, packet.length());
        assertEquals(PacketPool.HEADROOM - 8, packet.headroom());
        assertEquals(0x0102030405060708L, packet.getLong(0));
        packet.pull(8);
        assertArrayEquals(numbered(1_000), Packets.bytes(packet));
        packet.trim(10).put(2);
        assertEquals(12, packet.length());
        assertEquals(PacketPool.ROOM - 12, packet.tailroom());
    }

    @Test
    void refusesToLeaveItsBuffer() {
        assertThrows(AssertionError.class, () -> packet.push(PacketPool.HEADROOM + 1));
        assertThrows(AssertionError.class, () -> packet.pull(1_001));
        assertThrows(AssertionError.class, () -> packet.put(PacketPool.ROOM));
        assertThrows(AssertionError.class, () -> packet.trim(1_001));
        assertThrows(AssertionError.class, () -> packet.view(packet.floor(), packet.floor() - 1, 1));
        assertThrows(AssertionError.class, () -> packet.view(packet.floor(), packet.ceiling(), 1));
        assertThrows(AssertionError.class, () -> packet.slices(packet.offset(), 100, 101, 1, 100));
        assertThrows(AssertionError.class, () -> packet.slices(packet.offset(), 60_000, 60_000, 2, 60_000));
    }

    @Test
    void readsAndWritesNetworkByteOrder() {
        packet.setByte(1, 0x1ff);
        assertEquals(0xff, packet.getByte(1));
        packet.setShort(3, 0x1fffe);
        assertEquals(0xfffe, packet.getShort(3));
        assertEquals(0xff, packet.getByte(3));
        packet.setInt(5, 0x80000001);
        assertEquals(0x80000001, packet.getInt(5));
        assertEquals(0x80, packet.getByte(5));
        packet.setMac(11, 0xfedc_ba98_7654L);
        assertEquals(0xfedc_ba98_7654L, packet.getMac(11));
        assertEquals(0xfe, packet.getByte(11));
        assertEquals(0x54, packet.getByte(16));
    }

    @Test
    void keepsDissectedPositionsAcrossPushAndPull() {
        packet.dissected(0x0800, 22, 6, 42);
        packet.pull(8);
        assertEquals(14, packet.networkIndex());
        assertEquals(34, packet.transportIndex());
        packet.push(58);
        assertEquals(72, packet.networkIndex());
        assertEquals(92, packet.transportIndex());
        packet.dissected(0x88cc, -1, 0, -1);
        assertEquals(-1, packet.networkIndex());
        assertEquals(-1, packet.transportIndex());
    }

    @Test
    void cutsIntoSegmentsOfOneSizeWithAShorterLast() {
        packet.cut(50, 300);
        assertEquals(4, packet.wirePackets());
        assertEquals(350, packet.headLength());
        assertEquals(350, packet.wireLength());
        assertEquals(300, packet.segmentSize());
        assertEquals(300, packet.sliceLength(0));
        assertEquals(50, packet.sliceLength(2));
        assertEquals(1_000, packet.length());
        assertEquals(1_000 + 3 * 50, packet.wireBytes());
        assertTrue(packet.isSuperframe());
        assertTrue(packet.isContiguous());
        assertArrayEquals(numbered(1_000), Packets.bytes(packet));
    }

    @Test
    void staysPlainWhenOneSegmentIsEnough() {
        packet.cut(50, 950);
        assertEquals(1, packet.wirePackets());
        assertEquals(0, packet.segmentSize());
        assertEquals(1_000, packet.wireBytes());
        packet.cut(50, 949);
        assertEquals(2, packet.wirePackets());
        assertEquals(1, packet.sliceLength(0));
    }

    @Test
    void pushesAndPullsTheHeadOfASuperframeAlone() {
        packet.cut(50, 300);
        packet.pull(8).push(8).push(20);
        assertEquals(370, packet.headLength());
        assertEquals(1_020, packet.length());
        assertEquals(1_020 + 3 * 70, packet.wireBytes());
        assertThrows(AssertionError.class, () -> packet.put(1));
        assertThrows(AssertionError.class, () -> packet.trim(1));
    }

    @Test
    void viewsFragmentsWithGapsBetweenThem() {
        long begin = packet.offset();
        packet.view(packet.floor(), begin, 100).slices(begin + 120, 100, 80, 3, 5);
        assertFalse(packet.isContiguous());
        assertEquals(100 + 80 + 80 + 5, packet.length());
        assertEquals(begin + 320, packet.sliceOffset(2));
        byte[] all = numbered(1_000);
        byte[] expected = Arrays.copyOf(all, 265);
        System.arraycopy(all, 120, expected, 100, 80);
        System.arraycopy(all, 220, expected, 180, 80);
        System.arraycopy(all, 320, expected, 260, 5);
        assertArrayEquals(expected, Packets.bytes(packet));
    }

    @Test
    void endsTheTailroomOfAViewAtItsCeiling() {
        packet.view(packet.offset() + 100, packet.offset() + 110, 50, packet.offset() + 165);
        assertEquals(10, packet.headroom());
        assertEquals(5, packet.tailroom());
        assertThrows(AssertionError.class, () -> packet.put(6));
    }

    @Test
    void readsAndWritesNothingOutsideItsPartOfTheBuffer() {
        packet.view(packet.offset() + 100, packet.offset() + 110, 50, packet.offset() + 165);
        assertEquals(packet.getByte(-10), packet.getShort(-10) >>> 8);
        assertEquals(packet.getByte(54), packet.getLong(47) & 0xff);
        for (int index : new int[] {Integer.MIN_VALUE, -11, 55, Integer.MAX_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> packet.getByte(index));
            assertThrows(IndexOutOfBoundsException.class, () -> packet.setByte(index, 0));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> packet.getShort(54));
        assertThrows(IndexOutOfBoundsException.class, () -> packet.getInt(52));
        assertThrows(IndexOutOfBoundsException.class, () -> packet.getLong(48));
        assertThrows(IndexOutOfBoundsException.class, () -> packet.setLong(-11, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> packet.setMac(50, 0));
    }

    private static byte[] numbered(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + (i >>> 8));
        }
        return bytes;
    }
}
