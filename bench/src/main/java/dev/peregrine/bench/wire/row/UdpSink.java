package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Pause;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;

/**
 * Counts the datagrams that arrive at a socket, on a thread of its own, as an application would take them: by
 * {@code recvmmsg}, asleep while there are none.
 */
final class UdpSink implements AutoCloseable {
    private static final int QUEUE_BYTES = 8 << 20;
    private static final int PLAIN_MESSAGES = 64;
    private static final int PLAIN_BYTES = 2048;
    private static final int GRO_MESSAGES = 16;
    private static final int GRO_BYTES = 64 << 10;
    private static final int LOOK_UP_MILLIS = 50;

    private final UdpSocket socket;
    private final boolean gro;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long packets;
    private volatile long bytes;

    private UdpSink(UdpSocket socket, boolean gro) {
        this.socket = socket;
        this.gro = gro;
        thread = Thread.ofPlatform().name("udp sink").daemon().start(this::run);
    }

    /**
     * Opens a socket in a network namespace, and begins to count.
     *
     * @param gro whether the kernel may deliver several datagrams at once ({@code UDP_GRO})
     */
    static UdpSink open(NetNamespace namespace, InetSocketAddress address, boolean gro) throws IOException {
        UdpSocket socket = namespace.call(() -> UdpSocket.open(StandardProtocolFamily.INET));
        try {
            socket.bind(address.getAddress(), address.getPort());
            socket.receiveBuffer(QUEUE_BYTES);
            if (gro && !socket.gro(true)) {
                throw new IOException("this kernel has no UDP_GRO: it is older than Linux 5.0");
            }
        } catch (IOException failure) {
            socket.close();
            throw failure;
        }
        return new UdpSink(socket, gro);
    }

    private void run() {
        int messages = gro ? GRO_MESSAGES : PLAIN_MESSAGES;
        int length = gro ? GRO_BYTES : PLAIN_BYTES;
        try (Arena arena = Arena.ofConfined();
                Epoll epoll = Epoll.open(1);
                ReceiveVector vector = new ReceiveVector(messages)) {
            MemorySegment memory = arena.allocate((long) messages * length, 4096);
            for (int i = 0; i < messages; i++) {
                vector.buffer(i, memory.address() + (long) i * length, length);
            }
            epoll.add(socket.fd(), 0);
            while (!stopped) {
                int received = vector.receive(socket, 0, messages);
                if (received < 0) {
                    throw new IOException("recvmmsg: " + Errno.name(received));
                }
                if (received == 0) {
                    epoll.poll(LOOK_UP_MILLIS);
                } else {
                    count(vector, received);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            socket.close();
        }
    }

    private void count(ReceiveVector vector, int received) {
        int datagrams = 0;
        int length = 0;
        for (int i = 0; i < received; i++) {
            int segment = vector.segmentSize(i);
            datagrams += segment == 0 ? 1 : Math.ceilDiv(vector.length(i), segment);
            length += vector.length(i);
        }
        long packetsBefore = packets;
        packets = packetsBefore + datagrams;
        long bytesBefore = bytes;
        bytes = bytesBefore + length;
    }

    /** Datagrams since the beginning. */
    long packets() {
        return packets;
    }

    /** Bytes of payload since the beginning. */
    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        stopped = true;
        Pause.join(thread);
    }
}
