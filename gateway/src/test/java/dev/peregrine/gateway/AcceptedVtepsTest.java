package dev.peregrine.gateway;

import static dev.peregrine.gateway.LoopbackGateway.OF_FILE;
import static dev.peregrine.gateway.LoopbackGateway.OTHER_REMOTE;
import static dev.peregrine.gateway.LoopbackGateway.REMOTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.noun.DropCommands;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From whom a running gateway accepts datagrams. Reported by readers: {@code allow} did not hold for VTEPs of the flood
 * list, though {@code check} said so, and {@code fdb add … vtep} had them accepted for good.
 */
@Timeout(60)
class AcceptedVtepsTest {
    private static final String NOT_ALLOWED = "VTEP_NOT_ALLOWED";

    /** Why a datagram is dropped that was accepted: it is of another VNI. */
    private static final String ACCEPTED = "VXLAN_VNI_NOT_FOUND";

    private static final String ADDED = "02:00:00:00:00:03";
    private static final int OTHER_VNI = 99;
    private static final int I_FLAG = 0x0800_0000;

    @TempDir
    private Path folder;

    @Test
    void anExplicitListIsTheWholeList() throws Exception {
        try (LoopbackGateway gateway =
                LoopbackGateway.start(folder, "[" + REMOTE + "]", REMOTE + ", " + OTHER_REMOTE)) {
            assertEquals(ACCEPTED, fate(gateway, REMOTE));
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "it is sent to, and not accepted");
            gateway.add(ADDED, OTHER_REMOTE, true, false);
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "a static entry does not change the list");
        }
    }

    @Test
    void aStaticEntryOpensTheDoorForAsLongAsItStays() throws Exception {
        try (LoopbackGateway gateway = LoopbackGateway.start(folder, "auto", REMOTE)) {
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE));
            gateway.add(ADDED, OTHER_REMOTE, false, false);
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "the entry is dynamic");

            gateway.add(ADDED, OTHER_REMOTE, true, false);
            assertEquals(ACCEPTED, fate(gateway, OTHER_REMOTE));
            gateway.delete(ADDED);
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "after fdb del");

            gateway.add(ADDED, OTHER_REMOTE, true, false);
            assertEquals(ACCEPTED, fate(gateway, OTHER_REMOTE));
            gateway.flush(true, true);
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "after fdb flush static");

            gateway.add(ADDED, OTHER_REMOTE, true, false);
            gateway.add(ADDED, REMOTE, true, true);
            assertEquals(NOT_ALLOWED, fate(gateway, OTHER_REMOTE), "after fdb replace");
            gateway.delete(ADDED);
            assertEquals(ACCEPTED, fate(gateway, REMOTE), "the file names it: " + OF_FILE);
        }
    }

    /** Sends a datagram, and returns the reason that the gateway counts it under. */
    private static String fate(LoopbackGateway gateway, String from) throws Exception {
        long accepted = count(gateway, ACCEPTED);
        long refused = count(gateway, NOT_ALLOWED);
        byte[] datagram =
                ByteBuffer.allocate(60).putInt(I_FLAG).putInt(OTHER_VNI << 8).array();
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(from), 0))) {
            InetAddress to = InetAddress.ofLiteral(LoopbackGateway.address());
            socket.send(new DatagramPacket(datagram, datagram.length, to, LoopbackGateway.PORT));
        }
        while (count(gateway, ACCEPTED) + count(gateway, NOT_ALLOWED) == accepted + refused) {
            LockSupport.parkNanos(1_000_000); // until the class's time is up
        }
        return count(gateway, ACCEPTED) > accepted ? ACCEPTED : NOT_ALLOWED;
    }

    private static long count(LoopbackGateway gateway, String reason) {
        return gateway.list(DropCommands.class, "drop list", DropRow.class).stream()
                .filter(row -> row.reason().equals(reason))
                .mapToLong(DropRow::count)
                .sum();
    }
}
