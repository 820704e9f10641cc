package dev.peregrine.dataplane.observe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameRecorderTest {
    private static final int ALL = 1 << 18;
    private static final int TUNNEL = 8;

    private final PacketPool pool = new PacketPool(2, 2);
    private final RecordRing ring = new RecordRing(1 << 18);

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was not released");
        pool.close();
        ring.close();
    }

    private void record(Packet packet, int most, Consumer<FrameRecorder> how) {
        byte[] before = Packets.bytes(packet);
        try (FrameRecorder recorder = new FrameRecorder(ring, most, 3)) {
            how.accept(recorder);
        }
        assertArrayEquals(before, Packets.bytes(packet), "the packet was changed");
        pool.release(packet);
    }

    private static byte[] bytes(FrameRecord record) {
        ByteBuffer frame = record.frame();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /** A superframe of segments with {@code front} bytes in front. */
    private Packet superframe(FrameBuilder builder, int front) {
        byte[] frame = builder.payload(3_500).partialChecksum().build();
        Packet packet = Packets.of(pool, Packets.concatenate(List.of(new byte[front], frame)));
        Dissector.dissect(packet, front);
        TransportChecksum.makePartial(packet);
        return packet.cut(Dissector.payloadIndex(packet), 1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, TUNNEL})
    void aSuperframeIsItsSegmentsOnTheWire(int front) {
        for (FrameBuilder builder : List.of(
                FrameBuilder.tcp4().id(7).flags(0x18),
                FrameBuilder.tcp6(),
                FrameBuilder.udp4().id(9),
                FrameBuilder.udp6())) {
            Packet packet = superframe(builder, front);
            List<byte[]> expected = Packets.segments(packet, front);
            record(packet, ALL, recorder -> recorder.seen(5, 1, FrameRecord.OUT).record(packet, front, 70_000, 42));
            List<byte[]> seen = new ArrayList<>();
            ring.read(
                    raw -> {
                        FrameRecord record = new FrameRecord(raw);
                        assertEquals(seen.size(), record.segment());
                        assertEquals(4, record.segments());
                        assertEquals(5, record.nanos());
                        assertEquals(1, record.place());
                        assertEquals(FrameRecord.OUT, record.direction());
                        assertEquals(70_000, record.port());
                        assertEquals(42, record.vni());
                        assertEquals(3, record.worker());
                        assertEquals(front > 0, record.hasTunnelHeader());
                        assertTrue(record.isCompleted());
                        assertTrue(record.reason() < 0);
                        byte[] bytes = bytes(record);
                        assertEquals(bytes.length, record.length());
                        seen.add(bytes);
                    },
                    10);
            assertEquals(expected.size(), seen.size());
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), seen.get(i), "segment " + i);
            }
        }
    }

    @Test
    void aPartialChecksumIsFilledInAndAnotherOneIsLeft() {
        byte[] right = FrameBuilder.tcp4().payload(99).build();
        Packet partial = Packets.frame(pool, right);
        TransportChecksum.makePartial(partial);
        record(partial, ALL, recorder -> recorder.seen(0, 0, FrameRecord.IN).record(partial, 0, 1, 42));
        byte[] wrong = FrameBuilder.tcp4().payload(99).wrongChecksum().build();
        Packet other = Packets.frame(pool, wrong);
        record(other, ALL, recorder -> recorder.seen(0, 0, FrameRecord.IN).record(other, 0, 1, 42));
        List<byte[]> seen = new ArrayList<>();
        ring.read(raw -> seen.add(bytes(new FrameRecord(raw))), 10);
        assertArrayEquals(right, seen.get(0));
        assertArrayEquals(wrong, seen.get(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 66, 100, 5_000})
    void aShortCaptureKeepsTheBeginningOfEachSegment(int most) {
        Packet packet = superframe(FrameBuilder.tcp4(), 0);
        List<byte[]> expected = Packets.segments(packet, 0);
        record(packet, most, recorder -> recorder.seen(0, 0, FrameRecord.IN).record(packet, 0, 1, 42));
        List<byte[]> seen = new ArrayList<>();
        ring.read(
                raw -> {
                    FrameRecord record = new FrameRecord(raw);
                    assertEquals(expected.get(seen.size()).length, record.length());
                    seen.add(bytes(record));
                },
                10);
        for (int i = 0; i < expected.size(); i++) {
            byte[] beginning = Arrays.copyOf(expected.get(i), Math.min(most, expected.get(i).length));
            assertArrayEquals(beginning, seen.get(i), "segment " + i);
        }
    }

    @Test
    void aDropNamesItsReason() {
        Packet packet = Packets.frame(pool, FrameBuilder.echo4().build());
        record(
                packet,
                ALL,
                recorder -> recorder.seen(0, 2, FrameRecord.ENDED)
                        .dropped(DropReason.POLICY_DENIED, 9)
                        .record(packet, 0, 1, -1));
        ring.read(
                raw -> {
                    FrameRecord record = new FrameRecord(raw);
                    assertEquals(DropReason.POLICY_DENIED.index(), record.reason());
                    assertEquals(9, record.stage());
                    assertEquals(-1, record.vni());
                },
                1);
    }

    @Test
    void aMessageOfTheKernelIsItsPieces() {
        List<byte[]> datagrams = List.of(new byte[100], new byte[100], new byte[60]);
        datagrams.get(1)[5] = 1;
        datagrams.get(2)[7] = 2;
        Packet packet = Packets.aggregate(pool, datagrams);
        record(
                packet,
                ALL,
                recorder -> recorder.seen(0, 0, FrameRecord.ENDED)
                        .dropped(DropReason.UNDERLAY_AMBIGUOUS, 1)
                        .recordPieces(packet, TUNNEL, 1, 42));
        List<byte[]> seen = new ArrayList<>();
        ring.read(raw -> seen.add(bytes(new FrameRecord(raw))), 10);
        assertEquals(3, seen.size());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(datagrams.get(i), seen.get(i));
        }
    }

    @Test
    void whatDoesNotFitTheRingIsCounted() {
        try (RecordRing small = new RecordRing(2048);
                FrameRecorder recorder = new FrameRecorder(small, ALL, 0)) {
            Packet packet = superframe(FrameBuilder.udp4(), 0);
            recorder.seen(0, 0, FrameRecord.IN).record(packet, 0, 1, 42);
            pool.release(packet);
            List<Integer> seen = new ArrayList<>();
            small.read(raw -> seen.add(new FrameRecord(raw).segment()), 10);
            assertEquals(List.of(0), seen);
            assertEquals(3, small.missed());
        }
    }
}
