package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorVectorTest {
    private static final long DEADLINE_NANOS = 5_000_000_000L;
    private static final long MAPPED_LOOPBACK = 0xffff_7f00_0001L;

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void saysWhoRefusedWhichDestination(String text) throws IOException {
        InetAddress address = InetAddress.ofLiteral(text);
        boolean ipv6 = address.getAddress().length == 16;
        if (!ipv6) KernelEcho.assumeAnswered();
        UdpAddress closed = UdpAddress.of(address, closedPort(address));
        try (UdpSocket socket = UdpSocket.open(closed.family());
                SendVector messages = new SendVector(1, 1);
                ErrorVector errors = new ErrorVector(4);
                Arena arena = Arena.ofConfined()) {
            socket.receiveErrors(true);
            assertEquals(0, errors.take(socket));
            MemorySegment bytes = arena.allocate(10);
            messages.begin(0, closed);
            messages.append(0, bytes.address(), (int) bytes.byteSize());
            int sent;
            long deadline = System.nanoTime() + DEADLINE_NANOS;
            do {
                sent = messages.send(socket, 0, 1);
            } while (sent == 1 && System.nanoTime() < deadline);
            assertEquals(-Errno.ECONNREFUSED, sent, "the error of an earlier one");
            assertTrue(errors.take(socket) > 0);
            assertEquals(Errno.ECONNREFUSED, errors.errno(0));
            assertTrue(errors.isIcmp(0));
            assertFalse(errors.isLocal(0));
            long low = ipv6 ? ByteBuffer.wrap(address.getAddress()).getLong(8) : MAPPED_LOOPBACK;
            assertEquals(0, errors.destinationHigh(0));
            assertEquals(low, errors.destinationLow(0));
            assertEquals(0, errors.offenderHigh(0));
            assertEquals(low, errors.offenderLow(0));
        }
    }

    private static int closedPort(InetAddress address) throws IOException {
        try (DatagramSocket open = new DatagramSocket(0, address)) {
            return open.getLocalPort();
        }
    }
}
