package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.vxlan.Frames;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets cost no garbage once the code is compiled. */
@Tag("allocation")
class UnderlayAllocationTest {
    private static final int TURNS = 500;
    private static final String ADDRESS = "127.0.0.1";
    private static final int MAX_POLLS = 100_000;

    private final Batch batch = new Batch();
    private int lost;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendingAndReceivingAllocateNothing(boolean offloads) throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        Wishes wishes = Wishes.settings(SegmentationTest.offloads(true, offloads, offloads));
        try (UnderlayEnd sender = new UnderlayEnd(ADDRESS, senderPort, receiverPort, wishes);
                UnderlayEnd receiver = new UnderlayEnd(ADDRESS, receiverPort, senderPort, wishes)) {
            int tunnel = sender.know(ADDRESS);
            receiver.know(ADDRESS);
            byte[] frame = bytes(sender.frame(1000, 100, tunnel));
            byte[] large = bytes(sender.superframe(1000, 5000, 1000, tunnel));
            assertEquals(
                    0,
                    Allocation.bytes(TURNS, () -> exchange(sender, receiver, tunnel, frame, large)),
                    "bytes in " + TURNS + " turns");
            assertEquals(0, sender.drops.total());
            assertEquals(0, lost);
        }
    }

    @Test
    void icmpErrorsAllocateNothing() throws IOException {
        try (UnderlayEnd sender = new UnderlayEnd("::1", UnderlayEnd.freePort(), UnderlayEnd.freePort(), Wishes.NONE)) {
            int tunnel = sender.know("::1");
            byte[] frame = bytes(sender.frame(1000, 100, tunnel));
            assertEquals(
                    0,
                    Allocation.bytes(TURNS, () -> {
                        add(sender, frame, tunnel);
                        sender.underlay.accept(batch);
                    }),
                    "bytes in " + TURNS + " turns");
            assertTrue(sender.dropped(DropReason.UNDERLAY_UNREACHABLE) > 0);
        }
    }

    private static byte[] bytes(Packet packet) {
        byte[] bytes = Frames.bytes(packet);
        packet.pool().release(packet);
        return bytes;
    }

    private void exchange(UnderlayEnd sender, UnderlayEnd receiver, int tunnel, byte[] frame, byte[] large) {
        for (int i = 0; i < 10; i++) {
            add(sender, frame, tunnel).flowHash(i % 3);
        }
        add(sender, large, tunnel).cut(8 + Frames.IPV4_UDP, 1000);
        int segments = batch.segments();
        sender.underlay.accept(batch);
        int received = 0;
        for (int polls = 0; received < segments && polls < MAX_POLLS; polls++) {
            receiver.underlay.poll(batch);
            received += batch.segments();
            batch.release();
        }
        lost += segments - received;
    }

    private Packet add(UnderlayEnd end, byte[] bytes, int tunnel) {
        Packet packet = Frames.packet(end.pool, bytes);
        Dissector.dissect(packet, 8);
        batch.add(packet.outPort(tunnel).outerTos(2).outerTtl(64));
        return packet;
    }

    @Test
    void decapAndEncapAllocateNothing() throws IOException {
        Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
        vtep.segments(SegmentTable.of(List.of(new Segment(0, UnderlayEnd.VNI, 1500, false))));
        Stage decap = vtep.decap();
        Stage encap = vtep.encap();
        int port = UnderlayEnd.freePort();
        try (UnderlayEnd end = new UnderlayEnd(ADDRESS, port, port, Wishes.NONE)) {
            int tunnel = end.know(ADDRESS);
            for (int i = 0; i < 32; i++) {
                batch.add(end.frame(1000 + i, 100, tunnel).inPort(tunnel).outerTos(2));
            }
            long bytes = Allocation.bytes(TURNS, () -> {
                decap.process(batch);
                encap.process(batch);
            });
            batch.release();
            assertEquals(0, bytes, "bytes in " + TURNS + " batches");
        }
    }
}
