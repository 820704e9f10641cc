package dev.peregrine.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryUnderlayTest {
    private static final IpAddress LOCAL = new IpAddress(0, 0xffff_c612_0001L);
    private static final IpAddress REMOTE = new IpAddress(0, 0xffff_c612_0002L);
    private static final IpAddress STRANGER = new IpAddress(0, 0xffff_c612_0003L);
    private static final int CAPACITY = 10;

    private final MemoryNetwork network = new MemoryNetwork();
    private final VtepTable vteps = new VtepTable(4789, 4);
    private final PacketPool pool = new PacketPool(2, 4);
    private final DropCounters drops = new DropCounters();
    private final MemoryUnderlay underlay = new MemoryUnderlay(network, LOCAL, vteps, pool, drops, CAPACITY, true);
    private final List<Datagram> sent = new ArrayList<>();
    private final Batch batch = new Batch();
    private int tunnel;

    @BeforeEach
    void configureTheRemote() {
        RemoteVtep remote = vteps.configure(REMOTE);
        assertNotNull(remote);
        tunnel = remote.port();
        network.connect(REMOTE, sent::add);
    }

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was lost");
        underlay.close();
        pool.close();
    }

    @Test
    void deliversBytesSenderTosAndTtl() {
        assertFalse(underlay.isReady());
        network.send(new Datagram(REMOTE, LOCAL, 50_000, 3, 17, new byte[] {1, 2, 3}));
        network.send(new Datagram(STRANGER, LOCAL, 50_000, 0, 64, new byte[] {4}));
        assertTrue(underlay.isReady());

        assertEquals(2, underlay.poll(batch));
        assertArrayEquals(new byte[] {1, 2, 3}, Packets.bytes(batch.packet(0)));
        assertEquals(tunnel, batch.packet(0).inPort());
        assertEquals(3, batch.packet(0).outerTos());
        assertEquals(17, batch.packet(0).outerTtl());
        assertEquals(Packet.NO_PORT, batch.packet(1).inPort());
        batch.release();
    }

    @Test
    void mergesDatagramsOfOneSenderUpToAShorterOne() {
        arrive(50_000, 100, 100, 40, 100);
        arrive(50_001, 100);

        assertEquals(2, underlay.poll(batch), "two buffers");
        assertEquals(3, batch.packet(0).wirePackets());
        assertEquals(240, batch.packet(0).length());
        assertEquals(1, batch.packet(1).wirePackets());
        batch.release();
        assertEquals(1, underlay.poll(batch), "the other flow");
        assertEquals(1, batch.packet(0).wirePackets());
        batch.release();
    }

    @Test
    void leavesDatagramsInTheQueueWhileThePoolIsEmpty() {
        for (int i = 0; i < 3; i++) {
            arrive(50_000 + i, 100);
        }
        assertEquals(2, underlay.poll(batch));
        assertEquals(0, underlay.poll(batch));
        batch.release();
        assertEquals(1, underlay.poll(batch));
        batch.release();
        assertEquals(0, drops.total());
    }

    @Test
    void countsWhatItsQueueCannotHold() {
        for (int i = 0; i < CAPACITY + 3; i++) {
            arrive(50_000, 100);
        }
        underlay.poll(batch);
        batch.release();
        assertEquals(3, drops.count(DropReason.UNDERLAY_RECEIVE_OVERFLOW));
    }

    @Test
    void sendsASuperframeAsItsSegments() {
        byte[] frame = FrameBuilder.tcp4().payload(2500).build(new byte[8]);
        Packet packet = Packets.of(pool, frame);
        Dissector.dissect(packet, 8);
        packet.outPort(tunnel).outerTos(5).outerTtl(9);
        TransportChecksum.makePartial(packet);
        packet.cut(Dissector.payloadIndex(packet), 1000);
        batch.add(packet);
        underlay.accept(batch);

        List<byte[]> expected = Reference.segment(frame, 8, 1000);
        assertEquals(3, sent.size());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected.get(i), sent.get(i).payload());
            assertEquals(5, sent.get(i).tos());
            assertEquals(9, sent.get(i).ttl());
        }
        assertEquals(3, underlay.sentDatagrams());
    }

    @Test
    void completesAPartialChecksum() {
        byte[] frame = FrameBuilder.udp6().payload(100).build();
        Packet packet = Packets.frame(pool, frame).outPort(tunnel);
        TransportChecksum.makePartial(packet);
        assertFalse(Arrays.equals(frame, Packets.bytes(packet)));
        batch.add(packet);
        underlay.accept(batch);
        assertArrayEquals(frame, sent.getFirst().payload());
    }

    private void arrive(int sourcePort, int... lengths) {
        for (int length : lengths) {
            network.send(new Datagram(REMOTE, LOCAL, sourcePort, 0, 64, new byte[length]));
        }
    }
}
