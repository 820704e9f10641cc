package dev.peregrine.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.Underlay;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The behaviour of every {@link Underlay}. A subclass says what one is made of, and who is at the other end. */
@SuppressWarnings("NullAway.Init") // set before each test
abstract class UnderlayContract {
    static final int UDP_PORT = 4789;

    private static final int BUFFERS = 64;
    private static final int SEGMENT = 500;
    private static final long VXLAN = 0x0800_0000_0000_2a00L;
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    final PacketPool pool = new PacketPool(BUFFERS, 2 * BUFFERS);
    final DropCounters drops = new DropCounters();
    final VtepTable vteps = new VtepTable(UDP_PORT, 16);
    private World world;
    private Underlay underlay;
    private int tunnel;

    /** The datagrams that arrived at the remote VTEP. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Arrival(int sourcePort, byte[] payload) {}

    /** An underlay, a configured remote VTEP, and a host that is none. */
    interface World extends AutoCloseable {
        Underlay underlay();

        /** The tunnel port of the remote VTEP. */
        int tunnel();

        /** The remote VTEP sends a datagram. */
        void send(byte[] payload);

        /** The stranger does. */
        void sendAsStranger(byte[] payload);

        /** The next datagram that reached the remote VTEP; null when there is none now. */
        @org.jspecify.annotations.Nullable
        Arrival arrival();

        @Override
        void close();
    }

    abstract World world() throws Exception;

    @BeforeEach
    final void begin() throws Exception {
        world = world();
        underlay = world.underlay();
        tunnel = world.tunnel();
    }

    @AfterEach
    final void end() {
        world.close();
        assertTrue(pool.isFull(), () -> "the closed underlay holds packets: " + pool.available() + " are free");
        pool.close();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited 5 s for " + what);
            Thread.onSpinWait();
        }
    }

    private static byte[] datagram(byte[] frame) {
        return ByteBuffer.allocate(Long.BYTES + frame.length)
                .putLong(VXLAN)
                .put(frame)
                .array();
    }

    private static byte[] datagram(int number) {
        return datagram(
                FrameBuilder.udp4().ports(number, 9).payload(50 + number).build());
    }

    /** Waits for datagrams, aggregates counted by what is in them; each with its ingress port in front. */
    private List<byte[]> poll(int count, int expectedPort) {
        List<byte[]> received = new ArrayList<>();
        Batch batch = new Batch();
        await(count + " datagrams", () -> {
            underlay.poll(batch);
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                assertEquals(expectedPort, packet.inPort());
                received.addAll(datagrams(packet));
            }
            batch.release();
            return received.size() >= count;
        });
        return received;
    }

    /** The head is the first datagram, the fragments are the others. */
    private static List<byte[]> datagrams(Packet packet) {
        byte[] bytes = Packets.bytes(packet);
        List<byte[]> datagrams = new ArrayList<>();
        int at = packet.headLength();
        datagrams.add(Arrays.copyOf(bytes, at));
        for (int i = 0; i < packet.sliceCount(); i++) {
            datagrams.add(Arrays.copyOfRange(bytes, at, at + packet.sliceLength(i)));
            at += packet.sliceLength(i);
        }
        return datagrams;
    }

    private List<Arrival> arrivals(int count) {
        List<Arrival> arrivals = new ArrayList<>();
        Batch batch = new Batch();
        await(count + " datagrams at the remote VTEP", () -> {
            underlay.poll(batch);
            batch.release();
            Arrival arrival = world.arrival();
            if (arrival != null) {
                arrivals.add(arrival);
            }
            return arrivals.size() >= count;
        });
        return arrivals;
    }

    /** A frame behind its VXLAN header, for the remote VTEP. */
    private Packet outgoing(byte[] frame) {
        Packet packet = Packets.of(pool, datagram(frame));
        Dissector.dissect(packet, Long.BYTES);
        return packet.outPort(tunnel).outerTtl(64);
    }

    private void accept(Packet... packets) {
        Batch batch = new Batch();
        for (Packet packet : packets) {
            batch.add(packet);
        }
        underlay.accept(batch);
        assertTrue(batch.isEmpty());
    }

    @Test
    void receivesWhatAVtepSends() {
        for (int i = 1; i <= 20; i++) {
            world.send(datagram(i));
        }
        List<byte[]> received = poll(20, tunnel);
        for (int i = 1; i <= 20; i++) {
            assertArrayEquals(datagram(i), received.get(i - 1), "datagram " + i);
        }
        assertEquals(0, drops.total());
    }

    @Test
    void givesDatagramsOfStrangersWithoutAnIngressPort() {
        world.sendAsStranger(datagram(1));
        assertArrayEquals(datagram(1), poll(1, Packet.NO_PORT).getFirst());
    }

    @Test
    void receivesDatagramsOfAnyLength() {
        for (int length : new int[] {1, 7, 8, 1472, 9_000, 60_000}) {
            byte[] payload = new byte[length];
            Arrays.fill(payload, (byte) length);
            world.send(payload);
            assertArrayEquals(payload, poll(1, tunnel).getFirst());
        }
    }

    @Test
    void sendsAFrameToItsVtep() {
        byte[] frame = FrameBuilder.tcp6().payload(200).build();
        accept(outgoing(frame));
        assertArrayEquals(datagram(frame), arrivals(1).getFirst().payload());
        assertEquals(0, drops.total());
    }

    @Test
    void completesAPartialChecksum() {
        byte[] complete = FrameBuilder.udp4().payload(99).build();
        Packet packet = outgoing(complete);
        TransportChecksum.makePartial(packet);
        accept(packet);
        assertArrayEquals(datagram(complete), arrivals(1).getFirst().payload());
    }

    @Test
    void sendsASuperframeAsItsSegments() {
        byte[] frame = FrameBuilder.tcp4().payload(7 * SEGMENT + 17).build();
        Packet packet = outgoing(frame);
        TransportChecksum.makePartial(packet);
        packet.cut(Dissector.payloadIndex(packet), SEGMENT);
        accept(packet);
        List<byte[]> expected = Reference.segment(frame, 0, SEGMENT);
        List<Arrival> arrivals = arrivals(expected.size());
        assertEquals(8, arrivals.size());
        for (int i = 0; i < arrivals.size(); i++) {
            assertArrayEquals(datagram(expected.get(i)), arrivals.get(i).payload(), "segment " + i);
        }
        assertEquals(0, drops.total());
    }

    @Test
    void aFlowKeepsItsSourcePortAndFlowsDiffer() {
        Set<Integer> ports = new HashSet<>();
        for (int flow = 1; flow <= 30; flow++) {
            byte[] frame = FrameBuilder.udp4().ports(flow, 9).payload(20).build();
            accept(outgoing(frame), outgoing(frame));
            List<Arrival> arrivals = arrivals(2);
            assertEquals(arrivals.get(0).sourcePort(), arrivals.get(1).sourcePort());
            ports.add(arrivals.getFirst().sourcePort());
        }
        assertTrue(ports.size() > 5, () -> "30 flows by the source ports " + ports);
        assertTrue(ports.stream().allMatch(port -> port >= 49_152), ports::toString);
    }

    @Test
    void dropsWhatGoesToNoVtep() {
        int unused = Ports.tunnel((Ports.tunnelIndex(tunnel) + 1) % vteps.slots());
        accept(outgoing(FrameBuilder.udp4().build()).outPort(unused));
        assertEquals(1, drops.count(DropReason.PORT_UNKNOWN));
        assertEquals(1, drops.total());
    }

    @Test
    void losesNothingWhileThePoolIsEmpty() {
        List<Packet> held = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            held.add(packet);
        }
        for (int i = 1; i <= 5; i++) {
            world.send(datagram(i));
        }
        Batch batch = new Batch();
        assertEquals(0, underlay.poll(batch));
        held.forEach(pool::release);
        List<byte[]> received = poll(5, tunnel);
        for (int i = 1; i <= 5; i++) {
            assertArrayEquals(datagram(i), received.get(i - 1));
        }
        assertEquals(0, drops.total());
    }

    @Test
    void givesNothingAtRest() {
        assertEquals(0, underlay.poll(new Batch()));
        assertEquals(0, drops.total());
    }

    /** Never null. */
    static <T> T present(@org.jspecify.annotations.Nullable T value) {
        return Objects.requireNonNull(value);
    }
}
