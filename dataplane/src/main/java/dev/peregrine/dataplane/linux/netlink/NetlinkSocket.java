package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An {@code AF_NETLINK} socket that sends one request and reads its answer before the next. For the thread that opened
 * it.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_GENERIC = 16;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_MULTI = 2;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;
    /** The error number and, since {@code NETLINK_CAP_ACK}, only the header of the request. */
    private static final int ERROR_SIZE = 4 + NetlinkRequest.HEADER_SIZE;

    /** {@code sockaddr_nl}: 0 family (u16), 4 port id (u32), 8 groups (u32). */
    private static final int ADDRESS_SIZE = 12;

    private static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

    /** The kernel gives a list in pieces of at most 32 KiB. */
    private static final int BUFFER_SIZE = 32 * 1024;

    /** A list of some 10,000 links or 200,000 addresses: whoever makes more in a namespace is not to hold others up. */
    public static final int MAX_PIECES = 512;

    /** Sockets are opened once a second and more, and the end of a shared arena interrupts all threads. */
    private final Arena arena = Arena.ofConfined();

    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, 8);
    private final int fd;
    private int sequence;
    private boolean closed;

    private NetlinkSocket(int fd) {
        this.fd = fd;
    }

    /** Of rtnetlink, in the calling thread's network namespace. */
    public static NetlinkSocket open() throws LinuxException {
        return open(NETLINK_ROUTE, "rtnetlink");
    }

    /** Of generic netlink. */
    static NetlinkSocket openGeneric() throws LinuxException {
        return open(NETLINK_GENERIC, "generic netlink");
    }

    private static NetlinkSocket open(int protocol, String subject) throws LinuxException {
        int fd = Syscalls.socket(AF_NETLINK, SOCK_RAW | Syscalls.SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw new LinuxException("socket", subject, fd);
        }
        NetlinkSocket socket = new NetlinkSocket(fd);
        // Linux before 4.12 has neither, and reports less about errors.
        socket.turnOn(NETLINK_CAP_ACK);
        socket.turnOn(NETLINK_EXT_ACK);
        return socket;
    }

    /** Has the kernel leave out of its lists what a request does not ask for; Linux before 4.20 sends all the same. */
    void filterDumps() {
        turnOn(NETLINK_GET_STRICT_CHK);
    }

    private void turnOn(int option) {
        try (Arena scratch = Arena.ofConfined()) {
            long one = scratch.allocateFrom(ValueLayout.JAVA_INT, 1).address();
            Syscalls.setsockopt(fd, SOL_NETLINK, option, one, Integer.BYTES);
        }
    }

    /**
     * Sends a request and hands every answer to {@code answers}, from behind its {@code nlmsghdr} on.
     *
     * @param call what the exception calls this request
     * @param subject what the exception says it was about
     */
    public void exchange(NetlinkRequest request, String call, String subject, Consumer<ByteBuffer> answers)
            throws LinuxException {
        exchange(request, call, subject, MAX_PIECES, answers);
    }

    /**
     * As the other one, for lists of another length.
     *
     * @param maxPieces pieces of at most 32 KiB; a longer list fails with {@code ENOBUFS}
     */
    public void exchange(
            NetlinkRequest request, String call, String subject, int maxPieces, Consumer<ByteBuffer> answers)
            throws LinuxException {
        int length = request.finish(++sequence, buffer);
        int sent = Syscalls.send(fd, buffer.address(), length, 0);
        if (sent < 0) {
            throw new LinuxException(call, subject, sent);
        }
        boolean more = true;
        for (int pieces = 0; more; pieces++) {
            if (pieces == maxPieces) {
                throw new LinuxException(
                        call, subject, Errno.ENOBUFS, "the list is longer than %d MiB".formatted(maxPieces >> 5));
            }
            int received = Syscalls.recv(fd, buffer.address(), BUFFER_SIZE, 0);
            if (received < 0 && received != -Errno.EINTR) {
                throw new LinuxException(call, subject, received);
            }
            more = received < 0 || read(received, call, subject, answers);
        }
    }

    /** Whether more is to come. */
    private boolean read(int received, String call, String subject, Consumer<ByteBuffer> answers)
            throws LinuxException {
        boolean more = true;
        int position = 0;
        while (position + NetlinkRequest.HEADER_SIZE <= received) {
            ByteBuffer header = bytes(position, NetlinkRequest.HEADER_SIZE);
            int length = header.getInt(0);
            int type = header.getShort(4);
            int flags = header.getShort(6);
            if (header.getInt(8) == sequence) {
                ByteBuffer body = bytes(position + NetlinkRequest.HEADER_SIZE, length - NetlinkRequest.HEADER_SIZE);
                if (type == NLMSG_ERROR || type == NLMSG_DONE) {
                    check(type, flags, body, call, subject);
                } else {
                    answers.accept(body);
                }
                more = type != NLMSG_ERROR && type != NLMSG_DONE && (flags & NLM_F_MULTI) != 0;
            }
            position += (length + 3) & -4;
        }
        return more;
    }

    private static void check(int type, int flags, ByteBuffer body, String call, String subject) throws LinuxException {
        int errno = body.remaining() >= Integer.BYTES ? body.getInt(0) : 0;
        if (errno >= 0) {
            return;
        }
        ByteBuffer text = null;
        if (type == NLMSG_ERROR && (flags & NLM_F_ACK_TLVS) != 0) {
            text = attributes(body.position(ERROR_SIZE)).get(NLMSGERR_ATTR_MSG);
        }
        if (text == null) {
            throw new LinuxException(call, subject, errno);
        }
        throw new LinuxException(call, subject, errno, "the kernel says: " + string(text));
    }

    /**
     * Binds a socket of this family to multicast groups, a bit each, so that it hears of changes; 0 or {@code -errno}.
     */
    public static int join(int fd, int groups) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment address = scratch.allocate(ADDRESS_SIZE, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(ValueLayout.JAVA_INT, 8, groups);
            return Syscalls.bind(fd, address.address(), ADDRESS_SIZE);
        }
    }

    /** The attributes between a buffer's position and limit, by type; of repeated ones the last. */
    static Map<Integer, ByteBuffer> attributes(ByteBuffer bytes) {
        Map<Integer, ByteBuffer> attributes = new HashMap<>();
        int position = bytes.position();
        while (position + 4 <= bytes.limit()) {
            int length = Short.toUnsignedInt(bytes.getShort(position));
            if (length < 4 || position + length > bytes.limit()) {
                break;
            }
            ByteBuffer value = bytes.slice(position + 4, length - 4).order(ByteOrder.nativeOrder());
            attributes.put(bytes.getShort(position + 2) & ATTRIBUTE_TYPE_MASK, value);
            position += (length + 3) & -4;
        }
        return attributes;
    }

    /** A zero-terminated string. */
    static String string(ByteBuffer value) {
        return StandardCharsets.UTF_8.decode(value.duplicate()).toString().split("\0", 2)[0];
    }

    private ByteBuffer bytes(int position, int length) {
        return buffer.asSlice(position, length).asByteBuffer().order(ByteOrder.nativeOrder());
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
