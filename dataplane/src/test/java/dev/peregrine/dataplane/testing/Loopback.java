package dev.peregrine.dataplane.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Assumptions;

/** Two sockets of one family, vectors and buffers for both, over the loopback interface. */
public final class Loopback implements AutoCloseable {
    public static final int MESSAGES = 8;
    static final int BUFFER_SIZE = 65_536;
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    public final InetAddress address;
    public final UdpSocket sender;
    public final UdpSocket receiver;
    public final UdpAddress destination;
    public final SendVector send = new SendVector(MESSAGES, 4);
    public final ReceiveVector receive = new ReceiveVector(MESSAGES);
    final Arena arena = Arena.ofShared();
    public final MemorySegment buffers = arena.allocate((long) MESSAGES * BUFFER_SIZE, 64);
    public final MemorySegment payload = arena.allocate(BUFFER_SIZE, 64);

    /** @param address 127.0.0.1 or ::1 */
    public Loopback(String address) throws LinuxException {
        this.address = ip(address);
        UdpAddress any = UdpAddress.of(this.address, 0);
        sender = UdpSocket.open(any.family());
        receiver = UdpSocket.open(any.family());
        bindOrSkip();
        destination = UdpAddress.of(this.address, receiver.localPort());
        for (int i = 0; i < MESSAGES; i++) {
            receive.buffer(i, buffers.address() + (long) i * BUFFER_SIZE, BUFFER_SIZE);
        }
        for (int i = 0; i < BUFFER_SIZE; i++) {
            payload.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
    }

    private void bindOrSkip() throws LinuxException {
        try {
            sender.bind(address, 0);
            receiver.bind(address, 0);
        } catch (LinuxException e) {
            close();
            Assumptions.assumeTrue(e.errno() != Errno.EADDRNOTAVAIL, () -> "skipped: no IPv6 here: " + e.getMessage());
            throw e;
        }
    }

    public static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Begins message 0 with the first bytes of the payload. */
    public void begin(int length) {
        send.begin(0, destination);
        send.append(0, payload.address(), length);
    }

    public void sendOne() {
        int sent = send.send(sender, 0, 1);
        assertTrue(sent == 1, () -> "sendmmsg gave " + Errno.name(sent));
    }

    /** Waits until something arrives; how many messages hold a datagram. */
    public int await() {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (System.nanoTime() < deadline) {
            int received = receive.receive(receiver, 0, MESSAGES);
            if (received < 0) {
                fail("recvmmsg gave " + Errno.name(received));
            }
            if (received > 0) {
                return received;
            }
            Thread.onSpinWait();
        }
        return fail("nothing arrived");
    }

    /** Throws away what waits; how many datagrams that was. */
    public int drain() {
        int drained = 0;
        int received = receive.receive(receiver, 0, MESSAGES);
        while (received > 0) {
            drained += received;
            received = receive.receive(receiver, 0, MESSAGES);
        }
        return drained;
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
        send.close();
        receive.close();
        arena.close();
    }
}
