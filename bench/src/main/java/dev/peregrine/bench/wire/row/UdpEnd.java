package dev.peregrine.bench.wire.row;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;

/** A socket that sends and receives small numbered datagrams, one at a time. One thread. */
final class UdpEnd implements AutoCloseable {
    private static final int LENGTH = 18;
    private static final int BUFFER_BYTES = 2048;

    private final UdpSocket socket;
    private final UdpAddress to;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment sent = arena.allocate(LENGTH, 8);
    private final MemorySegment received = arena.allocate(BUFFER_BYTES, 8);
    private final SendVector sending = new SendVector(1, 1);
    private final ReceiveVector receiving = new ReceiveVector(1);
    private final Epoll epoll;

    private UdpEnd(UdpSocket socket, UdpAddress to) throws IOException {
        this.socket = socket;
        this.to = to;
        receiving.buffer(0, received.address(), BUFFER_BYTES);
        epoll = Epoll.open(1);
        epoll.add(socket.fd(), 0);
    }

    /** Opens the socket in a network namespace. */
    static UdpEnd open(NetNamespace namespace, InetSocketAddress address, InetSocketAddress to) throws IOException {
        UdpSocket socket = namespace.call(() -> UdpSocket.open(StandardProtocolFamily.INET));
        try {
            socket.bind(address.getAddress(), address.getPort());
            return new UdpEnd(socket, UdpAddress.of(to.getAddress(), to.getPort()));
        } catch (IOException failure) {
            socket.close();
            throw failure;
        }
    }

    /** Sends a datagram with a number. */
    void send(long number) throws IOException {
        sent.set(ValueLayout.JAVA_LONG, 0, number);
        sending.begin(0, to);
        sending.append(0, sent.address(), LENGTH);
        int result = sending.send(socket, 0, 1);
        if (result < 0) {
            throw new IOException("sendmmsg: " + Errno.name(result));
        }
    }

    /** Waits for a datagram; its number, or -1 if none came in time. */
    long receive(int milliseconds) throws IOException {
        epoll.poll(milliseconds);
        int result = receiving.receive(socket, 0, 1);
        if (result < 0) {
            throw new IOException("recvmmsg: " + Errno.name(result));
        }
        return result == 0 ? -1 : received.get(ValueLayout.JAVA_LONG, 0);
    }

    @Override
    public void close() {
        epoll.close();
        sending.close();
        receiving.close();
        socket.close();
        arena.close();
    }
}
