package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * All frames of one network interface that exists already ({@code AF_PACKET}, {@code packet(7)}): receives the frames
 * that arrive at the interface, for any destination, and sends frames out of it. The interface's own network stack sees
 * the arriving frames too; frames that it sends are not received.
 *
 * <p>Every frame is preceded by the first {@value #HEADER_SIZE} bytes of a {@code virtio_net_hdr_v1} (see
 * {@link dev.peregrine.dataplane.linux.tun.Tap}), in both directions, so that superframes and unfilled checksums pass
 * as they are.
 *
 * <p>Non-blocking. Opened and closed by any thread, used by one that receives and one that sends. The socket keeps the
 * namespace of its interface alive.
 */
public final class PacketSocket extends OpenSocket {
    /** Bytes of {@code virtio_net_hdr} before each frame. */
    public static final int HEADER_SIZE = 10;

    static final int SOL_PACKET = 263;
    static final int PACKET_AUXDATA = 8;

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int EVERY_PROTOCOL = 0x0003;

    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int MEMBER_PROMISCUOUS = 1;

    /** {@code sockaddr_ll}: 0 family, 2 protocol (network order), 4 interface, 8 hardware type, 10 kind, 12 address. */
    private static final int ADDRESS_SIZE = 20;

    /** {@code packet_mreq}: 0 interface, 4 type, 6 address length, 8 address. */
    private static final int MEMBERSHIP_SIZE = 16;

    private final String device;
    private final int index;

    private PacketSocket(String device, int index, int fd) {
        super(fd);
        this.device = device;
        this.index = index;
    }

    /**
     * Opens an interface by name, in promiscuous mode until closed.
     *
     * @param receiveBufferBytes size of the receive queue to ask for, beyond the system's limit where that is allowed
     */
    public static PacketSocket open(NetNamespace namespace, String device, int receiveBufferBytes)
            throws LinuxException {
        return namespace.call(() -> {
            Link link;
            try (Netlink netlink = Netlink.open()) {
                link = netlink.link(device)
                        .orElseThrow(() -> new LinuxException("open interface", device, Errno.ENODEV));
            }
            int fd = Syscalls.socket(AF_PACKET, SOCK_RAW | Syscalls.SOCK_NONBLOCK | Syscalls.SOCK_CLOEXEC, 0);
            if (fd < 0) {
                throw LinuxException.wanting("CAP_NET_RAW", "socket", "AF_PACKET", fd);
            }
            PacketSocket socket = new PacketSocket(device, link.index(), fd);
            try {
                socket.configure(receiveBufferBytes);
            } catch (LinuxException e) {
                socket.close();
                throw e;
            }
            return socket;
        });
    }

    /** Binding comes last: before, nothing is received, so that no frame comes without its header. */
    private void configure(int receiveBufferBytes) throws LinuxException {
        set(SOL_PACKET, PACKET_VNET_HDR, 1, "PACKET_VNET_HDR");
        set(SOL_PACKET, PACKET_AUXDATA, 1, "PACKET_AUXDATA");
        set(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
        setBuffer(SO_RCVBUFFORCE, SO_RCVBUF, receiveBufferBytes, "SO_RCVBUF");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment membership = arena.allocate(MEMBERSHIP_SIZE, Integer.BYTES);
            membership.set(JAVA_INT, 0, index);
            membership.set(JAVA_SHORT, 4, (short) MEMBER_PROMISCUOUS);
            require(
                    Syscalls.setsockopt(fd(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership.address(), MEMBERSHIP_SIZE),
                    "setsockopt",
                    "PACKET_ADD_MEMBERSHIP");
            MemorySegment address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(JAVA_BYTE, 3, (byte) EVERY_PROTOCOL);
            address.set(JAVA_INT, 4, index);
            require(Syscalls.bind(fd(), address.address(), ADDRESS_SIZE), "bind", "AF_PACKET");
        }
    }

    /**
     * Sends one frame or superframe: what {@code count} iovecs at {@code iovecs} gather ({@link IoVector}), the header
     * first.
     *
     * @return bytes written; {@code -EAGAIN} or {@code -ENOBUFS} when the interface takes no more now; {@code
     *     -ENETDOWN} when it is not up; {@code -EMSGSIZE} for a frame longer than its MTU; {@code -EINVAL} for a header
     *     that does not fit the frame; {@code -ENXIO} when the interface is gone; or another {@code -errno}
     */
    public int writev(long iovecs, int count) {
        return Syscalls.writev(fd(), iovecs, count);
    }

    /** Whether the interface was deleted, or moved to another namespace. */
    public boolean isGone() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_SIZE);
            int result = Syscalls.getsockname(fd(), address.address(), length.address());
            return result < 0 || address.get(JAVA_INT, 4) != index;
        }
    }

    /** Frames that the kernel dropped because the receive queue was full, since the last call. */
    public long takeDrops() throws LinuxException {
        return Integer.toUnsignedLong(get(SOL_PACKET, PACKET_STATISTICS, 2, 1, "PACKET_STATISTICS"));
    }

    /** The interface's number in its namespace. */
    public int index() {
        return index;
    }

    @Override
    String objectOf(String what) {
        return what + " on " + device;
    }

    @Override
    public String toString() {
        return "interface " + device;
    }
}
