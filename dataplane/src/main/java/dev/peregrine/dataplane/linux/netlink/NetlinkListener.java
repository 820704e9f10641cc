package dev.peregrine.dataplane.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.netlink.NetlinkEvent.Kind;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Receives changes in the network: interfaces, addresses and routes of the namespace of the thread that opened it, and
 * of those that this namespace has a number for ({@link Netlink#namespaceId}), none of which it keeps alive. That takes
 * CAP_NET_BROADCAST; without it, only the own namespace's changes arrive.
 *
 * <p>The kernel queues unread events; when its queue overflows, the next event is a {@link Kind#OVERRUN}. One thread at
 * a time.
 */
public final class NetlinkListener implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_LISTEN_ALL_NSID = 8;

    private static final int LINKS = 0x1;
    private static final int IPV4_ADDRESSES = 0x10;
    private static final int IPV4_ROUTES = 0x40;
    private static final int IPV6_ADDRESSES = 0x100;
    private static final int IPV6_ROUTES = 0x400;
    private static final int NAMESPACES = 0x8000000;

    private static final int GROUPS = LINKS | IPV4_ADDRESSES | IPV6_ADDRESSES | IPV4_ROUTES | IPV6_ROUTES | NAMESPACES;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_NEWNSID = 88;
    private static final int RTM_DELNSID = 89;
    private static final int IFINFOMSG_SIZE = 16;
    private static final int RTMSG_SIZE = 12;
    private static final int IFLA_IFNAME = 3;
    private static final int RTA_OIF = 4;
    private static final int NETNSA_NSID = 1;

    private static final int CONTROL_SIZE = 2 * MessageHeader.SMALL_CONTROL_SIZE;
    private static final int BUFFER_SIZE = 64 * 1024;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, 8);
    private final MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
    private final MemorySegment header = arena.allocate(MessageHeader.SIZE, 8);
    private final int fd;
    private boolean closed;

    private NetlinkListener(int fd) {
        this.fd = fd;
        MemorySegment iovec = arena.allocate(MessageHeader.IOVEC_SIZE, 8);
        iovec.set(JAVA_LONG, 0, buffer.address());
        iovec.set(JAVA_LONG, 8, BUFFER_SIZE);
        header.set(JAVA_LONG, MessageHeader.IOVECS, iovec.address());
        header.set(JAVA_LONG, MessageHeader.IOVEC_COUNT, 1);
        header.set(JAVA_LONG, MessageHeader.CONTROL, control.address());
    }

    /** In the calling thread's network namespace. Changes from now on are heard. */
    public static NetlinkListener open() throws LinuxException {
        int flags = SOCK_RAW | Syscalls.SOCK_CLOEXEC | Syscalls.SOCK_NONBLOCK;
        int fd = Syscalls.socket(AF_NETLINK, flags, NETLINK_ROUTE);
        if (fd < 0) {
            throw new LinuxException("socket", "rtnetlink", fd);
        }
        NetlinkListener listener = new NetlinkListener(fd);
        try {
            listener.join();
            return listener;
        } catch (LinuxException e) {
            listener.close();
            throw e;
        }
    }

    private void join() throws LinuxException {
        try (Arena scratch = Arena.ofConfined()) {
            long one = scratch.allocateFrom(JAVA_INT, 1).address();
            Syscalls.setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, one, Integer.BYTES);
        }
        int result = NetlinkSocket.join(fd, GROUPS);
        if (result < 0) {
            throw new LinuxException("bind", "rtnetlink groups", result);
        }
    }

    /** Readable when there are events. */
    public int fd() {
        return fd;
    }

    /** The events that wait, in their order; at most about {@code most}. */
    public List<NetlinkEvent> read(int most) throws LinuxException {
        List<NetlinkEvent> events = new ArrayList<>();
        while (events.size() < most) {
            header.set(JAVA_LONG, MessageHeader.CONTROL_LENGTH, CONTROL_SIZE);
            int received = Syscalls.recvmmsg(fd, header.address(), 1, MessageHeader.MSG_DONTWAIT);
            if (received == -Errno.EAGAIN) {
                break;
            }
            if (received == -Errno.ENOBUFS) {
                events.add(NetlinkEvent.LOST);
            } else if (received < 0 && received != -Errno.EINTR) {
                throw new LinuxException("recvmmsg", "rtnetlink", received);
            } else if (received > 0) {
                parse(events);
            }
        }
        return events;
    }

    private void parse(List<NetlinkEvent> events) {
        if ((header.get(JAVA_INT, MessageHeader.FLAGS) & MessageHeader.MSG_TRUNC) != 0) {
            events.add(NetlinkEvent.LOST);
            return;
        }
        int namespace = namespace();
        int received = header.get(JAVA_INT, MessageHeader.LENGTH);
        int position = 0;
        while (position + NetlinkRequest.HEADER_SIZE <= received) {
            int length = buffer.get(JAVA_INT, position);
            if (length < NetlinkRequest.HEADER_SIZE || position + length > received) {
                return;
            }
            ByteBuffer body = buffer.asSlice(
                            position + NetlinkRequest.HEADER_SIZE, (long) length - NetlinkRequest.HEADER_SIZE)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder());
            parse(buffer.get(JAVA_SHORT, position + 4L), body, namespace, events);
            position += (length + 3) & -4;
        }
    }

    private static void parse(int type, ByteBuffer body, int namespace, List<NetlinkEvent> events) {
        switch (type) {
            case RTM_NEWLINK, RTM_DELLINK -> {
                ByteBuffer name =
                        NetlinkSocket.attributes(body.position(IFINFOMSG_SIZE)).get(IFLA_IFNAME);
                String text = name == null ? "" : NetlinkSocket.string(name);
                events.add(new NetlinkEvent(Kind.LINK, type == RTM_DELLINK, body.getInt(4), text, namespace));
            }
            case RTM_NEWADDR, RTM_DELADDR ->
                events.add(new NetlinkEvent(Kind.ADDRESS, type == RTM_DELADDR, body.getInt(4), "", namespace));
            case RTM_NEWROUTE, RTM_DELROUTE -> {
                Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(body.position(RTMSG_SIZE));
                ByteBuffer device = attributes.get(RTA_OIF);
                int index = device == null ? 0 : device.getInt(0);
                events.add(new NetlinkEvent(Kind.ROUTE, type == RTM_DELROUTE, index, "", namespace));
            }
            case RTM_NEWNSID, RTM_DELNSID -> {
                ByteBuffer number =
                        NetlinkSocket.attributes(body.position(Integer.BYTES)).get(NETNSA_NSID);
                int id = number == null ? NetlinkEvent.OWN : number.getInt(0);
                events.add(new NetlinkEvent(Kind.NAMESPACE, type == RTM_DELNSID, 0, "", id));
            }
            default -> {} // answers and ends of messages that were not requested
        }
    }

    /** The control message of another namespace's event; events of the own namespace have none. */
    private int namespace() {
        boolean given = header.get(JAVA_LONG, MessageHeader.CONTROL_LENGTH) >= MessageHeader.CONTROL_HEADER_SIZE + 4
                && control.get(JAVA_INT, 8) == SOL_NETLINK
                && control.get(JAVA_INT, 12) == NETLINK_LISTEN_ALL_NSID;
        return given ? control.get(JAVA_INT, MessageHeader.CONTROL_HEADER_SIZE) : NetlinkEvent.OWN;
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
