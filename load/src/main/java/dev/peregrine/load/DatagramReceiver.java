package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Receives datagrams at one address and hands them on one by one, however many the kernel delivers together ({@code
 * UDP_GRO}). Allocates nothing after construction. One thread at a time.
 */
public final class DatagramReceiver implements AutoCloseable {
    private static final int GRO_MESSAGES = 16;
    private static final int GRO_BYTES = 64 << 10;
    private static final int PLAIN_MESSAGES = 64;
    private static final int PLAIN_BYTES = 16 << 10;
    private static final int QUEUE_BYTES = 16 << 20;

    private final UdpSocket socket;
    private final boolean gro;
    private final int messages;
    private final int messageBytes;
    private final int queueBytes;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final ReceiveVector vector;
    private final Epoll epoll;
    private @Nullable Echo echo;

    /** Takes the datagrams. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Takes one datagram.
         *
         * @param memory holds it until the return
         * @param position of its first byte
         * @param length bytes
         * @param tos TOS or traffic class
         * @param now when it was found, by {@link System#nanoTime}
         */
        void take(MemorySegment memory, long position, int length, int tos, long now);
    }

    /** Takes ownership of a bound socket. */
    private DatagramReceiver(UdpSocket socket, boolean gro) throws LinuxException {
        this.socket = socket;
        this.gro = gro && socket.gro(true);
        queueBytes = socket.receiveBuffer(QUEUE_BYTES);
        socket.receiveTos(true);
        messages = this.gro ? GRO_MESSAGES : PLAIN_MESSAGES;
        messageBytes = this.gro ? GRO_BYTES : PLAIN_BYTES;
        epoll = Epoll.open(1);
        epoll.add(socket.fd(), 0);
        memory = arena.allocate((long) messages * messageBytes, 4096);
        vector = new ReceiveVector(messages);
        for (int i = 0; i < messages; i++) {
            vector.buffer(i, memory.address() + (long) i * messageBytes, messageBytes);
        }
    }

    /**
     * Binds, in the calling thread's network namespace.
     *
     * @param gro whether the kernel may deliver several datagrams of a flow together
     */
    public static DatagramReceiver open(UdpAddress listen, boolean gro) throws LinuxException {
        UdpSocket socket = UdpSocket.open(listen.family());
        try {
            socket.bind(listen.address(), listen.port());
            return new DatagramReceiver(socket, gro);
        } catch (LinuxException failure) {
            socket.close();
            throw failure;
        }
    }

    /** Sends all that is received from now on back to its senders, once it is taken. */
    public Echo echo() {
        Echo made = new Echo(messages);
        echo = made;
        return made;
    }

    /**
     * Takes the waiting datagrams, at most one batch of messages.
     *
     * @return the datagrams taken; 0 when none waited
     */
    public int receive(Taker taker) throws IOException {
        int received = vector.receive(socket, 0, messages);
        if (received < 0) {
            throw new IOException("recvmmsg: %s (%s)".formatted(Errno.name(received), Errno.text(received)));
        }
        long now = System.nanoTime();
        int datagrams = 0;
        for (int i = 0; i < received; i++) {
            datagrams += take(taker, i, now);
        }
        if (echo != null) {
            echo.send(socket, vector, received, memory.address(), messageBytes);
        }
        return datagrams;
    }

    private int take(Taker taker, int message, long now) {
        int length = vector.length(message);
        int size = vector.segmentSize(message);
        int tos = vector.tos(message);
        long position = (long) message * messageBytes;
        if (size <= 0 || size >= length) {
            taker.take(memory, position, length, tos, now);
            return 1;
        }
        int count = 0;
        for (int done = 0; done < length; done += size, count++) {
            taker.take(memory, position + done, Math.min(size, length - done), tos, now);
        }
        return count;
    }

    /** Waits until a datagram is there, but not longer than {@code milliseconds}. */
    public void await(int milliseconds) {
        epoll.poll(milliseconds);
    }

    /** Whether the kernel may deliver several datagrams together; also false where it cannot. */
    public boolean gro() {
        return gro;
    }

    /** Bytes granted to the socket's queue. */
    public int queueBytes() {
        return queueBytes;
    }

    /** Datagrams that the kernel dropped at the socket: full queue, bad checksum. */
    public long drops() throws LinuxException {
        return socket.drops();
    }

    public int localPort() throws LinuxException {
        return socket.localPort();
    }

    @Override
    public void close() {
        epoll.close();
        if (echo != null) {
            echo.close();
        }
        vector.close();
        arena.close();
        socket.close();
    }
}
