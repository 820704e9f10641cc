package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Optional;

/**
 * An unconnected UDP socket, IPv4 or IPv6, non-blocking and close-on-exec. {@link ReceiveVector} and {@link SendVector}
 * move datagrams through it.
 *
 * <p>Options may be set from any thread; closing belongs to the thread that sends and receives, since the kernel reuses
 * the number of a closed descriptor.
 */
public final class UdpSocket extends OpenSocket {
    private static final int SOCK_DGRAM = 2;

    private static final int SOL_IP = 0;
    private static final int SOL_UDP = 17;
    private static final int SOL_IPV6 = 41;

    private static final int SO_SNDBUF = 7;
    private static final int SO_NO_CHECK = 11;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_MEMINFO = 55;
    private static final int MEMINFO_WORDS = 9;
    private static final int MEMINFO_RECEIVE_QUEUE = 0;
    private static final int MEMINFO_DROPS = 8;

    private static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IP_MTU = 14;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_MTU = 24;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_RECVTCLASS = 66;
    private static final int IPV6_TCLASS = 67;
    private static final int UDP_NO_CHECK6_TX = 101;
    private static final int UDP_NO_CHECK6_RX = 102;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;

    private static final short BPF_RETURN_CONSTANT = 0x06;
    private static final short BPF_LOAD_HALF = 0x28;
    private static final short BPF_JUMP_IF_EQUAL = 0x15;
    private static final int DESTINATION_PORT = 2;

    private final boolean ipv6;

    private UdpSocket(boolean ipv6, int fd) {
        super(fd);
        this.ipv6 = ipv6;
    }

    /** In the calling thread's network namespace. */
    public static UdpSocket open(ProtocolFamily family) throws LinuxException {
        boolean ipv6 = family == StandardProtocolFamily.INET6;
        int fd = Syscalls.socket(
                ipv6 ? Syscalls.AF_INET6 : Syscalls.AF_INET,
                SOCK_DGRAM | Syscalls.SOCK_NONBLOCK | Syscalls.SOCK_CLOEXEC,
                0);
        if (fd < 0) {
            throw new LinuxException("socket", ipv6 ? "UDP over IPv6" : "UDP over IPv4", fd);
        }
        return new UdpSocket(ipv6, fd);
    }

    /** Binds; if the port is taken by a kernel VXLAN device, the exception names it. Port 0: the kernel chooses one. */
    public void bind(InetAddress address, int port) throws LinuxException {
        if (!tryBind(address, port)) {
            throw new LinuxException("bind", UdpAddress.of(address, port).toString(), Errno.EADDRINUSE, holder(port));
        }
    }

    /** Binds, unless the port is taken: then returns false. For walks over a port range. */
    public boolean tryBind(InetAddress address, int port) throws LinuxException {
        UdpAddress local = UdpAddress.of(address, port);
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sockaddr = local.writeTo(arena.allocate(UdpAddress.SIZE, 8));
            result = Syscalls.bind(fd(), sockaddr.address(), local.length);
        }
        if (result < 0 && result != -Errno.EADDRINUSE) {
            throw result == -Errno.EACCES
                    ? new LinuxException(
                            "bind",
                            local.toString(),
                            result,
                            "ports under net.ipv4.ip_unprivileged_port_start need root or CAP_NET_BIND_SERVICE")
                    : new LinuxException("bind", local.toString(), result);
        }
        return result >= 0;
    }

    /** {@code SO_BINDTODEVICE}: only datagrams that arrive on, and leave through, one interface. */
    public void bindToDevice(String device) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(device);
            int result = Syscalls.setsockopt(fd(), SOL_SOCKET, SO_BINDTODEVICE, name.address(), (int) name.byteSize());
            require(result, "setsockopt", "SO_BINDTODEVICE " + device);
        }
    }

    /** Sockets of one user that all set this share the port; the kernel spreads flows among them. */
    public void reusePort(boolean on) throws LinuxException {
        set(SOL_SOCKET, SO_REUSEPORT, on ? 1 : 0, "SO_REUSEPORT");
    }

    /**
     * Sets the receive buffer, beyond {@code net.core.rmem_max} where CAP_NET_ADMIN allows it.
     *
     * @return the bytes granted, in the same terms as asked; less than asked without the capability
     */
    public int receiveBuffer(int bytes) throws LinuxException {
        return buffer(SO_RCVBUFFORCE, SO_RCVBUF, bytes, "SO_RCVBUF");
    }

    /** As {@link #receiveBuffer(int)}, for the send buffer and {@code net.core.wmem_max}. */
    public int sendBuffer(int bytes) throws LinuxException {
        return buffer(SO_SNDBUFFORCE, SO_SNDBUF, bytes, "SO_SNDBUF");
    }

    /**
     * {@code UDP_GRO}: the kernel may deliver several datagrams of one flow in one buffer.
     *
     * @return whether this kernel can (Linux 5.0)
     */
    public boolean gro(boolean on) {
        return trySet(SOL_UDP, UDP_GRO, on ? 1 : 0) >= 0;
    }

    /** Whether this kernel knows {@code UDP_SEGMENT} (Linux 4.18); a path may still refuse it, with {@code EIO}. */
    public boolean supportsSegmentation() {
        return trySet(SOL_UDP, UDP_SEGMENT, 0) >= 0;
    }

    /** Delivers each datagram's TOS or traffic class: {@link ReceiveVector#tos}. */
    public void receiveTos(boolean on) throws LinuxException {
        receiveControl(IP_RECVTOS, IPV6_RECVTCLASS, on, "receive TOS");
    }

    /** Delivers each datagram's TTL or hop limit: {@link ReceiveVector#ttl}. */
    public void receiveTtl(boolean on) throws LinuxException {
        receiveControl(IP_RECVTTL, IPV6_RECVHOPLIMIT, on, "receive TTL");
    }

    /**
     * {@code IP_RECVERR}, {@code IPV6_RECVERR}: a send fails with {@code ENOBUFS} when the queue of the device was
     * full, which it hides otherwise; and ICMP errors go to the error queue, see {@link ErrorVector}. Each ICMP error
     * also makes the next send fail, whatever its destination.
     */
    public void receiveErrors(boolean on) throws LinuxException {
        set(SOL_IP, MessageHeader.IP_RECVERR, on ? 1 : 0, "IP_RECVERR", SOL_IPV6, MessageHeader.IPV6_RECVERR);
    }

    public void mtuDiscovery(MtuDiscovery mode) throws LinuxException {
        set(SOL_IP, IP_MTU_DISCOVER, mode.value, "IP_MTU_DISCOVER", SOL_IPV6, IPV6_MTU_DISCOVER);
    }

    /** Whether sent datagrams carry a UDP checksum; off, they carry zero, and {@code UDP_SEGMENT} is refused. */
    public void checksum(boolean on) throws LinuxException {
        int off = on ? 0 : 1;
        set(SOL_SOCKET, SO_NO_CHECK, off, "SO_NO_CHECK", SOL_UDP, UDP_NO_CHECK6_TX);
    }

    /** Whether IPv6 datagrams with a zero UDP checksum are received (RFC 6935); IPv4 ones always are. */
    public void acceptZeroChecksum(boolean on) throws LinuxException {
        if (ipv6) {
            set(SOL_UDP, UDP_NO_CHECK6_RX, on ? 1 : 0, "UDP_NO_CHECK6_RX");
        }
    }

    /** Whether an IPv6 socket takes no IPv4 traffic; no effect on an IPv4 socket. Before binding. */
    public void ipv6Only(boolean on) throws LinuxException {
        if (ipv6) {
            set(SOL_IPV6, IPV6_V6ONLY, on ? 1 : 0, "IPV6_V6ONLY");
        }
    }

    /** The TTL or hop limit of datagrams sent without one of their own; 1 to 255. */
    public void ttl(int ttl) throws LinuxException {
        set(SOL_IP, IP_TTL, ttl, "TTL " + ttl, SOL_IPV6, IPV6_UNICAST_HOPS);
    }

    /** The TOS or traffic class of datagrams sent without one of their own; 0 to 255. */
    public void tos(int tos) throws LinuxException {
        set(SOL_IP, IP_TOS, tos, "TOS " + tos, SOL_IPV6, IPV6_TCLASS);
    }

    /** Makes a filter drop every arriving datagram: for send-only sockets, whose queue no one reads. */
    public void dropAll() throws LinuxException {
        filter("drop all", new int[][] {{BPF_RETURN_CONSTANT, 0, 0}});
    }

    /**
     * Makes a filter drop datagrams whose UDP header names another port: for a socket that datagrams are assigned to
     * which are not addressed to it.
     */
    public void dropAllBut(int port) throws LinuxException {
        filter("port " + port, new int[][] {
            {BPF_LOAD_HALF, 0, DESTINATION_PORT},
            {BPF_JUMP_IF_EQUAL, 1, port},
            {BPF_RETURN_CONSTANT, 0, -1},
            {BPF_RETURN_CONSTANT, 0, 0}
        });
    }

    /** Instructions: code, how many to pass over where a comparison fails, constant. A filter sees the UDP header. */
    private void filter(String what, int[][] instructions) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(8L * instructions.length, 8);
            for (int i = 0; i < instructions.length; i++) {
                code.set(JAVA_SHORT, 8L * i, (short) instructions[i][0]);
                code.set(JAVA_BYTE, 8L * i + 3, (byte) instructions[i][1]);
                code.set(JAVA_INT, 8L * i + 4, instructions[i][2]);
            }
            MemorySegment program = arena.allocate(16, 8);
            program.set(JAVA_SHORT, 0, (short) instructions.length);
            program.set(JAVA_LONG, 8, code.address());
            require(
                    Syscalls.setsockopt(fd(), SOL_SOCKET, SO_ATTACH_FILTER, program.address(), 16),
                    "setsockopt",
                    "SO_ATTACH_FILTER " + what);
        }
    }

    /** Datagrams that the kernel has dropped at this socket since it was opened: full queue, filter, bad checksum. */
    public long drops() throws LinuxException {
        return Integer.toUnsignedLong(get(SO_MEMINFO, MEMINFO_WORDS, MEMINFO_DROPS, "SO_MEMINFO"));
    }

    /**
     * Bytes of memory that waiting datagrams take in the receive queue: more than the datagrams have, and 0 when none
     * waits.
     */
    public long queuedBytes() throws LinuxException {
        return Integer.toUnsignedLong(get(SO_MEMINFO, MEMINFO_WORDS, MEMINFO_RECEIVE_QUEUE, "SO_MEMINFO"));
    }

    /**
     * The MTU of the path to an address as the kernel knows it now, in bytes of IP packet: that of the device, or less
     * where a route or a router's message says so. Connects the socket, which must not serve any other purpose.
     */
    public int pathMtu(UdpAddress destination) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int result = Syscalls.connect(
                    fd(),
                    destination.writeTo(arena.allocate(UdpAddress.SIZE, 8)).address(),
                    destination.length);
            if (result < 0) {
                throw new LinuxException("connect", destination.toString(), result);
            }
        }
        return get(ipv6 ? SOL_IPV6 : SOL_IP, ipv6 ? IPV6_MTU : IP_MTU, 1, 0, "IP_MTU");
    }

    /** 0 before binding and sending. */
    public int localPort() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sockaddr = arena.allocate(UdpAddress.SIZE, 8);
            MemorySegment length = arena.allocateFrom(JAVA_INT, UdpAddress.SIZE);
            require(Syscalls.getsockname(fd(), sockaddr.address(), length.address()), "getsockname", toString());
            return Short.toUnsignedInt(Short.reverseBytes(sockaddr.get(JAVA_SHORT, 2)));
        }
    }

    public boolean isIpv6() {
        return ipv6;
    }

    @Override
    public String toString() {
        return "UDP socket " + fd();
    }

    private static String holder(int port) {
        Optional<Link> device = Optional.empty();
        try (Netlink netlink = Netlink.open()) {
            device = netlink.vxlanOwner(port);
        } catch (LinuxException e) {
            // Without rtnetlink the general advice must suffice.
        }
        return device.map(link ->
                        "the kernel VXLAN device %s (VNI %d) holds UDP port %d: ip link del %s, or choose another port"
                                .formatted(
                                        link.name(), link.vxlan().orElseThrow().vni(), port, link.name()))
                .orElse("another socket holds UDP port %d (ss -lunp 'sport = %d'): stop it, or choose another port"
                        .formatted(port, port));
    }

    /** For dual-stack sockets the IPv4 option is set too; an IPv6-only one may refuse it. */
    private void receiveControl(int ipv4Option, int ipv6Option, boolean on, String what) throws LinuxException {
        set(SOL_IP, ipv4Option, on ? 1 : 0, what, SOL_IPV6, ipv6Option);
        if (ipv6) {
            trySet(SOL_IP, ipv4Option, on ? 1 : 0);
        }
    }

    private int buffer(int force, int option, int bytes, String what) throws LinuxException {
        setBuffer(force, option, bytes, what);
        return get(option, 1, 0, what) / 2; // The kernel doubles what was asked, for its bookkeeping.
    }

    private void set(int level, int option, int value, String what, int ipv6Level, int ipv6Option)
            throws LinuxException {
        set(ipv6 ? ipv6Level : level, ipv6 ? ipv6Option : option, value, what);
    }

    private int get(int option, int words, int word, String what) throws LinuxException {
        return get(SOL_SOCKET, option, words, word, what);
    }
}
