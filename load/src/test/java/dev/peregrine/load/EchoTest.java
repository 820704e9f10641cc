package dev.peregrine.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams go back to their senders, each once and whole, also where the kernel hands several over together. */
@Timeout(30)
class EchoTest {
    private static final int COUNT = 40;
    private static final int BYTES = 300;
    private static final int LAST_BYTES = 77;

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "127.0.0.1, false", "::1, true", "::1, false"})
    void everyDatagramComesBackToItsSender(String loopback, boolean gro) throws IOException {
        InetAddress address = InetAddress.ofLiteral(loopback);
        try (DatagramReceiver server = DatagramReceiver.open(UdpAddress.of(address, 0), gro)) {
            Echo echo = server.echo();
            UdpAddress to = UdpAddress.of(address, server.localPort());
            UdpSocket socket = UdpSocket.open(to.family());
            socket.bind(address, 0);
            try (DatagramSender sender = new DatagramSender(to, new UdpSocket[] {socket}, true, () -> false)) {
                send(sender);
                int taken = 0;
                while (taken < COUNT) {
                    server.await(1000);
                    taken += server.receive((memory, position, length, tos, now) -> {});
                }
                assertEquals(COUNT, echo.sent());
                assertEquals(0, echo.refused());
                assertAnswers(socket);
            }
        }
    }

    private static void send(DatagramSender sender) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            int length = i == COUNT - 1 ? LAST_BYTES : BYTES;
            long position = sender.place(0, length);
            sender.memory().asSlice(position, length).fill((byte) i);
            sender.memory().set(JAVA_INT_UNALIGNED, position, i);
        }
        sender.flush();
    }

    /** All are there: what the kernel sends over the loopback interface has arrived when the call returns. */
    private static void assertAnswers(UdpSocket socket) {
        try (Arena arena = Arena.ofConfined();
                ReceiveVector vector = new ReceiveVector(COUNT + 1)) {
            MemorySegment memory = arena.allocate((COUNT + 1L) * BYTES);
            for (int i = 0; i <= COUNT; i++) {
                vector.buffer(i, memory.address() + (long) i * BYTES, BYTES);
            }
            assertEquals(COUNT, vector.receive(socket, 0, COUNT + 1));
            for (int i = 0; i < COUNT; i++) {
                assertEquals(i, memory.get(JAVA_INT_UNALIGNED, (long) i * BYTES));
                assertEquals(i == COUNT - 1 ? LAST_BYTES : BYTES, vector.length(i));
                assertEquals((byte) i, memory.get(JAVA_BYTE, (long) i * BYTES + vector.length(i) - 1));
            }
        }
    }
}
