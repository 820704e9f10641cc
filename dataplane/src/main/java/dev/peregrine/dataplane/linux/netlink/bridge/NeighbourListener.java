package dev.peregrine.dataplane.linux.netlink.bridge;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.peregrine.dataplane.linux.netlink.NetlinkRequest;
import dev.peregrine.dataplane.linux.netlink.NetlinkSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Hears of changed forwarding and neighbour entries, and of links that go, in the network namespace of the thread that
 * opened it. The kernel queues messages that are not read; where its queue is full, it drops them and says so once. One
 * thread at a time.
 */
public final class NeighbourListener implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int LINKS = 0x1;
    private static final int NEIGHBOURS = 0x4;
    private static final int RTM_DELLINK = 17;
    private static final int AF_UNSPEC = 0;
    private static final int IFINFOMSG_SIZE = 16;

    /** A message about a link has some 2 KiB; each is received alone. */
    private static final int BUFFER_SIZE = 64 * 1024;

    /** How a {@link #read} ended. */
    public enum Reading {
        /** Nothing more waits. */
        EMPTY,
        /** More may wait. */
        MORE,
        /** Messages were dropped before they were read: only a list of all tells how things are. */
        LOST
    }

    /** Is told of changes, in their order. */
    public interface Changes {
        /** An entry was added, changed or removed. */
        void entry(NeighbourEntry entry);

        /** A link has gone. */
        void linkGone(int index);
    }

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, 8);
    private final ByteBuffer bytes = buffer.asByteBuffer().order(ByteOrder.nativeOrder());
    private final int fd;
    private boolean closed;

    private NeighbourListener(int fd) {
        this.fd = fd;
    }

    /**
     * In the calling thread's network namespace. Changes from now on are heard.
     *
     * @param queueBytes of kernel memory for messages that are not read yet, some 768 each; needs CAP_NET_ADMIN, and
     *     without it is as small as for any socket
     */
    public static NeighbourListener open(int queueBytes) throws LinuxException {
        int flags = SOCK_RAW | Syscalls.SOCK_CLOEXEC | Syscalls.SOCK_NONBLOCK;
        int fd = Syscalls.socket(AF_NETLINK, flags, NETLINK_ROUTE);
        if (fd < 0) {
            throw new LinuxException("socket", "rtnetlink", fd);
        }
        try (Arena scratch = Arena.ofConfined()) {
            long size = scratch.allocateFrom(JAVA_INT, queueBytes).address();
            Syscalls.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, Integer.BYTES);
        }
        int result = NetlinkSocket.join(fd, LINKS | NEIGHBOURS);
        if (result < 0) {
            Syscalls.close(fd);
            throw new LinuxException("bind", "rtnetlink groups of links and neighbours", result);
        }
        return new NeighbourListener(fd);
    }

    /** Readable when there are changes. */
    public int fd() {
        return fd;
    }

    /** Reads what waits, without waiting for more: about {@code most} messages at most. */
    public Reading read(int most, Changes changes) throws LinuxException {
        for (int i = 0; i < most; i++) {
            int received = Syscalls.recv(fd, buffer.address(), BUFFER_SIZE, 0);
            if (received == -Errno.EAGAIN) {
                return Reading.EMPTY;
            }
            if (received == -Errno.ENOBUFS) {
                return Reading.LOST;
            }
            if (received < 0 && received != -Errno.EINTR) {
                throw new LinuxException("recv", "rtnetlink", received);
            }
            parse(received, changes);
        }
        return Reading.MORE;
    }

    private void parse(int received, Changes changes) {
        parse(bytes.limit(Math.max(received, 0)), changes);
    }

    /** Reads messages, headers included, up to the buffer's limit; one that is cut short ends it. */
    static void parse(ByteBuffer bytes, Changes changes) {
        int position = 0;
        while (position + NetlinkRequest.HEADER_SIZE <= bytes.limit()) {
            int length = bytes.getInt(position);
            if (length < NetlinkRequest.HEADER_SIZE || length > bytes.limit() - position) {
                return;
            }
            int type = bytes.getShort(position + 4);
            ByteBuffer body =
                    bytes.slice(position, length).order(ByteOrder.nativeOrder()).position(NetlinkRequest.HEADER_SIZE);
            dispatch(type, body, changes);
            position += (length + 3) & -4;
        }
    }

    private static void dispatch(int type, ByteBuffer body, Changes changes) {
        if (type == NeighbourEntry.NEW || type == NeighbourEntry.DELETE) {
            NeighbourEntry entry = NeighbourEntry.parse(type == NeighbourEntry.DELETE, body);
            if (entry != null) {
                changes.entry(entry);
            }
        } else if (type == RTM_DELLINK
                && body.remaining() >= IFINFOMSG_SIZE
                && body.get(body.position()) == AF_UNSPEC) { // of family AF_BRIDGE, a port only left its bridge
            changes.linkGone(body.getInt(body.position() + 4));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(fd);
            arena.close();
        }
    }
}
