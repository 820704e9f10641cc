package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A socket on the loopback interface for a few datagrams, at a port that the kernel chooses. */
final class LoopbackReceiver implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    /** Loopback delivers during the sender's call; a kernel thread under load takes a little longer. */
    private static final int PATIENCE_MILLIS = 100;

    private final UdpSocket socket;
    private final UdpAddress address;

    private LoopbackReceiver(UdpSocket socket, UdpAddress address) {
        this.socket = socket;
        this.address = address;
    }

    /** @param gro whether the kernel may deliver several datagrams together */
    static LoopbackReceiver open(InetAddress loopback, boolean gro) throws LinuxException {
        UdpSocket socket = UdpSocket.open(UdpAddress.of(loopback, 0).family());
        try {
            socket.gro(gro);
            socket.bind(loopback, 0);
            return new LoopbackReceiver(socket, UdpAddress.of(loopback, socket.localPort()));
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    UdpAddress address() {
        return address;
    }

    /** Waits briefly for {@code count} datagrams. */
    List<byte[]> receive(int count) throws LinuxException {
        List<byte[]> datagrams = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                ReceiveVector vector = new ReceiveVector(1);
                Epoll epoll = Epoll.open(1)) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES);
            vector.buffer(0, buffer.address(), BUFFER_BYTES);
            epoll.add(socket.fd(), 0);
            while (datagrams.size() < count && epoll.poll(PATIENCE_MILLIS) > 0) {
                int received = vector.receive(socket, 0, 1);
                if (received < 0) { // the datagram stays where it is, so that the next poll would not wait
                    throw LinuxException.unprivileged("recvmmsg", "loopback interface", received);
                }
                if (received > 0) {
                    split(buffer, vector.length(0), vector.segmentSize(0), datagrams);
                }
            }
        }
        return datagrams;
    }

    private static void split(MemorySegment buffer, int length, int segmentSize, List<byte[]> datagrams) {
        int size = segmentSize > 0 ? segmentSize : Math.max(1, length);
        for (int at = 0; at < length; at += size) {
            datagrams.add(buffer.asSlice(at, Math.min(size, length - at)).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
