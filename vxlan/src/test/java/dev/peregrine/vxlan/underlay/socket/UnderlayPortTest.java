package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class UnderlayPortTest {
    private static final String ADDRESS = "127.0.0.1";

    private final PacketPool pool = new PacketPool(32, 32);
    private final DropCounters drops = new DropCounters();
    private final VtepTable vteps = new VtepTable(4789, 4);

    @AfterEach
    void freePool() {
        assertTrue(pool.isFull());
        pool.close();
    }

    private static UnderlaySettings settings(String address, int port) {
        return UnderlaySettings.of(InetAddress.ofLiteral(address), port);
    }

    @Test
    void secondGatewayIsRefusedUntilTheFirstLetsGo() throws IOException {
        int port = UnderlayEnd.freePort();
        try (UnderlayPort first = UnderlayPort.claim(settings(ADDRESS, port), vteps, 1)) {
            BindException e =
                    assertThrows(BindException.class, () -> UnderlayPort.claim(settings(ADDRESS, port), vteps, 2));
            assertTrue(message(e).contains("UDP port " + port + " of 127.0.0.1"), message(e));
            assertTrue(message(e).contains("another Peregrine gateway"), message(e));
            UnderlayPort.claim(settings("127.0.0.2", port), vteps, 1).close();
            first.open(0, pool, drops).close();
        }
        UnderlayPort.claim(settings(ADDRESS, port), vteps, 1).close();
    }

    @Test
    void namesThePortThatAnotherProgramHolds() throws IOException {
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.ofLiteral(ADDRESS));
                UnderlayPort port = UnderlayPort.claim(settings(ADDRESS, other.getLocalPort()), vteps, 1)) {
            LinuxException e = assertThrows(LinuxException.class, () -> port.open(0, pool, drops));
            assertTrue(message(e).contains("EADDRINUSE"), message(e));
            assertTrue(message(e).contains("ss -lunp"), message(e));
        }
    }

    @Test
    @Tag("live")
    void namesTheKernelVxlanDeviceThatHoldsThePort() throws IOException {
        try (Namespace namespace = Live.namespace()) {
            namespace.ip("link set lo up");
            namespace.ip("link add vx42 type vxlan id 42 dstport 4789 local " + ADDRESS);
            namespace.ip("link set vx42 up");
            String message = namespace.netNamespace().call(() -> failureToOpen(2));
            assertTrue(message.contains("EADDRINUSE"), message);
            assertTrue(message.contains("kernel VXLAN device vx42 (VNI 42)"), message);
            namespace.ip("link del vx42");
            assertEquals("", namespace.netNamespace().call(() -> failureToOpen(2)));
        }
    }

    private String failureToOpen(int workers) {
        try (UnderlayPort port = UnderlayPort.claim(settings(ADDRESS, 4789), vteps, workers)) {
            port.open(0, pool, drops).close();
            return "";
        } catch (IOException e) {
            return message(e);
        }
    }

    @Test
    void bindsToADevice() throws IOException {
        UnderlaySettings base = settings(ADDRESS, UnderlayEnd.freePort());
        UnderlaySettings missing = new UnderlaySettings(
                base.local(), base.port(), "nosuchdevice", 50_000, 60_000, true, true, true, true, 1 << 20);
        try (UnderlayPort port = UnderlayPort.claim(missing, vteps, 1)) {
            LinuxException e = assertThrows(LinuxException.class, () -> port.open(0, pool, drops));
            assertTrue(message(e).contains("nosuchdevice"), message(e));
        }
    }

    @Test
    void workersShareThePort() throws IOException {
        int udpPort = UnderlayEnd.freePort();
        int flows = 200;
        try (UnderlayEnd sender = new UnderlayEnd(ADDRESS, UnderlayEnd.freePort(), udpPort, Wishes.NONE);
                UnderlayPort port = UnderlayPort.claim(settings(ADDRESS, udpPort), vteps, 2);
                NativeUnderlay first = port.open(0, pool, drops);
                NativeUnderlay second = port.open(1, pool, drops)) {
            int tunnel = sender.know(ADDRESS);
            for (int i = 0; i < flows; i++) {
                sender.send(sender.frame(1000 + i, 100, tunnel));
            }
            int[] received = new int[2];
            long deadline = System.nanoTime() + 5_000_000_000L;
            while (received[0] + received[1] < flows && System.nanoTime() < deadline) {
                received[0] += receive(first);
                received[1] += receive(second);
            }
            assertEquals(flows, received[0] + received[1]);
            assertTrue(received[0] > 0 && received[1] > 0, received[0] + " and " + received[1]);
        }
    }

    private static int receive(NativeUnderlay underlay) {
        Batch batch = new Batch();
        underlay.poll(batch);
        int segments = batch.segments();
        batch.release();
        return segments;
    }

    @Test
    void reportsWhichOffloadsAreInUseAndWhy() throws IOException {
        assertEquals(
                List.of(new Offload("gro", true, "UDP_GRO, checked"), new Offload("gso", true, "UDP_SEGMENT, checked")),
                offloads(ADDRESS, true, true));
        assertEquals(
                List.of(new Offload("gro", false, "configured off"), new Offload("gso", false, "configured off")),
                offloads(ADDRESS, true, false));
        Offload gso = offloads(ADDRESS, false, true).getLast();
        assertFalse(gso.enabled());
        assertTrue(gso.reason().contains("checksum: off"), gso.reason());
        Offload gso6 = offloads("::1", false, true).getLast();
        assertFalse(gso6.enabled());
        assertTrue(gso6.reason().contains("checksum6: off"), gso6.reason());
    }

    private List<Offload> offloads(String address, boolean checksum, boolean wanted) throws IOException {
        UnderlaySettings settings =
                SegmentationTest.offloads(checksum, wanted, wanted).apply(settings(address, UnderlayEnd.freePort()));
        try (UnderlayPort port = UnderlayPort.claim(settings, vteps, 1);
                NativeUnderlay underlay = port.open(0, pool, drops)) {
            assertTrue(underlay.fd() >= 0);
            assertTrue(underlay.receiveBufferBytes() > 0);
            return underlay.offloads();
        }
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
