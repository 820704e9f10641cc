package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * ICMP and ICMPv6 echo (RFC 792, RFC 4443) to one host, with Don't Fragment set and whatever the kernel believes of the
 * path ignored: an answer shows that a packet of that size gets there. Opens a ping socket where {@code
 * net.ipv4.ping_group_range} has the user's group, else a raw one, which wants CAP_NET_RAW.
 *
 * <pre>echo  0 type (u8)  1 code (u8)  2 checksum (u16)  4 identifier (u16)  6 sequence number (u16)  8 data</pre>
 *
 * <p>One thread at a time.
 */
public final class EchoSocket implements AutoCloseable {
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int SOL_IP = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SOL_IPV6 = 41;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_BINDTODEVICE = 25;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_DONTFRAG = 62;
    private static final int HEADER_SIZE = 8;
    private static final int SEQUENCE = 6;
    private static final int LARGEST = 65_535;

    /** Bytes of answers that nobody has received yet; the kernel grants at most net.core.rmem_max. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(LARGEST + 1, 8);

    /** {@code timeval}: seconds and microseconds. */
    private final MemorySegment time = arena.allocate(16, 8);

    private final boolean ipv6;
    private final boolean raw;
    private final int fd;
    private final int identifier = (int) (ProcessHandle.current().pid() & 0xffff);
    private boolean closed;

    private EchoSocket(boolean ipv6, boolean raw, int fd) {
        this.ipv6 = ipv6;
        this.raw = raw;
        this.fd = fd;
    }

    /**
     * Opens a socket in the calling thread's network namespace.
     *
     * @param from the source address
     * @param device to leave by; null: whichever the route says
     */
    public static EchoSocket open(InetAddress to, InetAddress from, @Nullable String device) throws LinuxException {
        boolean ipv6 = to instanceof Inet6Address;
        EchoSocket socket = open(ipv6);
        try {
            socket.configure(to, from, device);
            return socket;
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    private static EchoSocket open(boolean ipv6) throws LinuxException {
        int family = ipv6 ? Syscalls.AF_INET6 : Syscalls.AF_INET;
        int protocol = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        int ping = Syscalls.socket(family, SOCK_DGRAM | Syscalls.SOCK_CLOEXEC, protocol);
        if (ping >= 0) {
            return new EchoSocket(ipv6, false, ping);
        }
        int raw = Syscalls.socket(family, SOCK_RAW | Syscalls.SOCK_CLOEXEC, protocol);
        if (raw < 0) {
            throw new LinuxException(
                    "socket", "ICMP", raw, "run as root, with CAP_NET_RAW, or set net.ipv4.ping_group_range");
        }
        return new EchoSocket(ipv6, true, raw);
    }

    private void configure(InetAddress to, InetAddress from, @Nullable String device) throws LinuxException {
        if (device != null) {
            MemorySegment name = arena.allocateFrom(device);
            set(SOL_SOCKET, SO_BINDTODEVICE, name, "SO_BINDTODEVICE " + device);
        }
        set(SOL_SOCKET, SO_RCVBUF, arena.allocateFrom(JAVA_INT, RECEIVE_BUFFER), "SO_RCVBUF");
        MemorySegment probe = arena.allocateFrom(JAVA_INT, MtuDiscovery.PROBE.value);
        if (ipv6) {
            set(SOL_IPV6, IPV6_MTU_DISCOVER, probe, "IPV6_MTU_DISCOVER");
            set(SOL_IPV6, IPV6_DONTFRAG, arena.allocateFrom(JAVA_INT, 1), "IPV6_DONTFRAG");
        } else {
            set(SOL_IP, IP_MTU_DISCOVER, probe, "IP_MTU_DISCOVER");
        }
        address(from, true);
        address(to, false);
    }

    private void address(InetAddress address, boolean local) throws LinuxException {
        UdpAddress endpoint = UdpAddress.of(address, 0);
        long sockaddr = endpoint.writeTo(arena.allocate(UdpAddress.SIZE, 8)).address();
        int result =
                local ? Syscalls.bind(fd, sockaddr, endpoint.length) : Syscalls.connect(fd, sockaddr, endpoint.length);
        if (result < 0) {
            throw new LinuxException(local ? "bind" : "connect", endpoint.toString(), result);
        }
    }

    /** Bytes that an echo without data takes as an IP packet. */
    public int smallest() {
        return (ipv6 ? 40 : 20) + HEADER_SIZE;
    }

    /**
     * Sends an echo request.
     *
     * @param bytes of the IP packet, from {@link #smallest} on
     * @param sequence 0 to 65535
     * @return 0 or {@code -errno}: {@code -EMSGSIZE} when it is longer than the interface's MTU
     */
    public int send(int bytes, int sequence) {
        int length = bytes - smallest() + HEADER_SIZE;
        MemorySegment message = buffer.asSlice(0, length).fill((byte) 0);
        message.set(JAVA_BYTE, 0, (byte) (ipv6 ? 128 : 8));
        message.set(NETWORK_SHORT, 4, (short) identifier);
        message.set(NETWORK_SHORT, SEQUENCE, (short) sequence);
        if (!ipv6) { // the kernel fills in that of ICMPv6, and of a ping socket
            int sum = (8 << 8) + identifier + sequence; // of words; the data are zeros
            message.set(NETWORK_SHORT, 2, (short) ~((sum & 0xffff) + (sum >>> 16)));
        }
        return Math.min(0, Syscalls.send(fd, message.address(), length, 0));
    }

    /**
     * Waits for the answer to one of the requests.
     *
     * @param milliseconds at most to wait
     * @return its sequence number, or -1 when none came in time
     */
    public int receive(int milliseconds) {
        long end = System.nanoTime() + milliseconds * 1_000_000L;
        for (long left = milliseconds; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            time.set(JAVA_LONG, 0, left / 1000);
            time.set(JAVA_LONG, 8, left % 1000 * 1000);
            Syscalls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, time.address(), 16);
            int received = Syscalls.recv(fd, buffer.address(), LARGEST, 0);
            if (received == -Errno.EAGAIN) {
                return -1;
            }
            int sequence =
                    received < 0 ? -1 : sequence(received); // an ICMP error about an earlier request is passed by
            if (sequence >= 0) {
                return sequence;
            }
        }
        return -1;
    }

    /** A raw socket of IPv4 gives the IP header, and any raw socket other programs' messages. */
    private int sequence(int received) {
        int at = raw && !ipv6 ? (buffer.get(JAVA_BYTE, 0) & 0xf) * 4 : 0;
        boolean isReply = received >= at + HEADER_SIZE && buffer.get(JAVA_BYTE, at) == (byte) (ipv6 ? 129 : 0);
        boolean isOwn = isReply && (!raw || Short.toUnsignedInt(buffer.get(NETWORK_SHORT, at + 4)) == identifier);
        return isOwn ? Short.toUnsignedInt(buffer.get(NETWORK_SHORT, at + SEQUENCE)) : -1;
    }

    private void set(int level, int option, MemorySegment value, String what) throws LinuxException {
        int result = Syscalls.setsockopt(fd, level, option, value.address(), (int) value.byteSize());
        if (result < 0) {
            throw new LinuxException("setsockopt", what, result);
        }
    }

    /** Calls after the first do nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(fd);
            arena.close();
        }
    }
}
