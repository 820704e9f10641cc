package dev.peregrine.vxlan.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.Frames;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.socket.NativeUnderlay;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnderlaySlotTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("127.0.0.1");

    private final PacketPool pool = new PacketPool(64, 64);
    private final DropCounters drops = new DropCounters();
    private final int udpPort = UnderlayEnd.freePort();
    private final VtepTable vteps = new VtepTable(udpPort, 4);
    private final RemoteVtep itself = Objects.requireNonNull(vteps.configure(IpAddress.of(ADDRESS)));
    private final UnderlaySlot slot = new UnderlaySlot(NativeUnderlay.MODE, vteps.slots(), drops);
    private UnderlayPort port;

    @SuppressWarnings("NullAway.Init") // set before each test
    UnderlaySlotTest() {}

    @BeforeEach
    void claim() throws IOException {
        port = UnderlayPort.claim(UnderlaySettings.of(ADDRESS, udpPort), vteps, 1);
    }

    @AfterEach
    void freePool() {
        slot.close();
        port.close();
        assertTrue(pool.isFull(), () -> "free: " + pool.available());
        pool.close();
    }

    @Test
    void countsWhatFindsItEmpty() {
        send(3);
        assertEquals(3, drops.count(DropReason.UNDERLAY_DOWN));
        assertEquals(0, slot.poll(new Batch()));
        assertEquals(-1, slot.fd());
        assertEquals(0, slot.sourcePorts());
    }

    @Test
    void countsOnWhenSocketsAreOpenedAnew() throws IOException {
        for (int life = 1; life <= 3; life++) {
            slot.attach(port.open(0, pool, drops, slot.vtepCounters()));
            send(2);
            receive(2);
            assertEquals(2L * life, slot.vtepCounters().sentDatagrams(itself.index()));
            assertEquals(2L * life, slot.vtepCounters().receivedDatagrams(itself.index()));
            int sourcePorts = slot.sourcePorts();
            slot.close();
            assertTrue(pool.isFull(), "lent buffers come back");
            assertEquals(sourcePorts, slot.sourcePorts(), "what was last");
            send(1);
            assertEquals(life, drops.count(DropReason.UNDERLAY_DOWN));
        }
    }

    @Test
    void countsWhatTheKernelHasDroppedBeforeItCloses() throws IOException {
        port.close();
        port = UnderlayPort.claim(
                new UnderlaySettings(ADDRESS, udpPort, null, 49152, 65535, true, true, true, true, 1), vteps, 1);
        slot.attach(port.open(0, pool, drops, slot.vtepCounters()));
        int sent = 400;
        for (int i = 0; i < sent; i++) {
            send(1);
        }
        Batch batch = new Batch();
        int received = 0;
        while (slot.poll(batch) > 0) {
            received += batch.segments();
            batch.release();
        }
        slot.close();
        assertTrue(received < sent, received + " received");
        assertEquals(sent, received + drops.count(DropReason.UNDERLAY_RECEIVE_OVERFLOW));
    }

    private void send(int frames) {
        Batch batch = new Batch();
        for (int i = 0; i < frames; i++) {
            batch.add(Frames.inner(pool, Frames.ipv4(0, 64, 1000, 100))
                    .outPort(itself.port())
                    .outerTtl(64)
                    .push(8)
                    .segment(0));
        }
        slot.accept(batch);
    }

    private void receive(int wanted) {
        Batch batch = new Batch();
        int received = 0;
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (received < wanted && System.nanoTime() < deadline) {
            slot.poll(batch);
            received += batch.segments();
            batch.release();
        }
        assertEquals(wanted, received);
    }
}
