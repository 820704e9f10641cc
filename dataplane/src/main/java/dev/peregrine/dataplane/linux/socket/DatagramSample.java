package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A look at UDP datagrams as they arrive at an interface ({@code AF_PACKET}), beside the socket that receives them:
 * copies of those to one port, from their IP headers on. A filter in the kernel leaves out all else, fragments
 * included. Wants CAP_NET_RAW. One thread at a time.
 */
public final class DatagramSample implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_DGRAM = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int ADDRESS_SIZE = 20;
    private static final int INSTRUCTION_SIZE = 8;
    private static final int LARGEST = 65_535;

    /** Classic BPF, as {@code tcpdump -d "udp dst port N"} shows it. */
    private static final int LOAD_BYTE = 0x30;

    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_HALF_BEHIND_X = 0x48;
    private static final int LOAD_X_IP_HEADER = 0xb1;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_SET = 0x45;
    private static final int RETURN = 0x06;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(LARGEST, 8);
    private final int fd;

    private DatagramSample(int fd) {
        this.fd = fd;
    }

    /** Begins to collect what arrives at an interface of the calling thread's network namespace. */
    public static DatagramSample open(Link link, boolean ipv6, int port) throws LinuxException {
        int fd = Syscalls.socket(AF_PACKET, SOCK_DGRAM | Syscalls.SOCK_NONBLOCK | Syscalls.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw LinuxException.wanting("CAP_NET_RAW", "socket", "AF_PACKET", fd);
        }
        DatagramSample sample = new DatagramSample(fd);
        try {
            sample.filter(ipv6 ? ipv6Filter(port) : ipv4Filter(port));
            sample.bind(link, ipv6 ? 0x86dd : 0x0800);
            return sample;
        } catch (LinuxException e) {
            sample.close();
            throw e;
        }
    }

    /** Rows of code, operand, and instructions to skip when true and when false. */
    private static int[][] ipv4Filter(int port) {
        return new int[][] {
            {LOAD_BYTE, 9, 0, 0},
            {JUMP_IF_EQUAL, 17, 0, 6},
            {LOAD_HALF, 6, 0, 0},
            {JUMP_IF_SET, 0x1fff, 4, 0},
            {LOAD_X_IP_HEADER, 0, 0, 0},
            {LOAD_HALF_BEHIND_X, 2, 0, 0},
            {JUMP_IF_EQUAL, port, 0, 1},
            {RETURN, LARGEST, 0, 0},
            {RETURN, 0, 0, 0}
        };
    }

    private static int[][] ipv6Filter(int port) {
        return new int[][] {
            {LOAD_BYTE, 6, 0, 0},
            {JUMP_IF_EQUAL, 17, 0, 3},
            {LOAD_HALF, 42, 0, 0},
            {JUMP_IF_EQUAL, port, 0, 1},
            {RETURN, LARGEST, 0, 0},
            {RETURN, 0, 0, 0}
        };
    }

    private void filter(int[][] rows) throws LinuxException {
        MemorySegment program = arena.allocate((long) rows.length * INSTRUCTION_SIZE, 8);
        for (int i = 0; i < rows.length; i++) {
            long at = (long) i * INSTRUCTION_SIZE;
            program.set(JAVA_SHORT, at, (short) rows[i][0]);
            program.set(JAVA_BYTE, at + 2, (byte) rows[i][2]);
            program.set(JAVA_BYTE, at + 3, (byte) rows[i][3]);
            program.set(JAVA_INT, at + 4, rows[i][1]);
        }
        MemorySegment header = arena.allocate(16, 8);
        header.set(JAVA_SHORT, 0, (short) rows.length);
        header.set(JAVA_LONG, 8, program.address());
        require(Syscalls.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header.address(), 16), "SO_ATTACH_FILTER");
        long one = arena.allocateFrom(JAVA_INT, 1).address();
        require(
                Syscalls.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, one, Integer.BYTES),
                "PACKET_IGNORE_OUTGOING");
    }

    private void bind(Link link, int etherType) throws LinuxException {
        MemorySegment address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_PACKET);
        address.set(JAVA_SHORT, 2, Short.reverseBytes((short) etherType));
        address.set(JAVA_INT, 4, link.index());
        require(Syscalls.bind(fd, address.address(), ADDRESS_SIZE), "bind to " + link.name());
    }

    private static void require(int result, String what) throws LinuxException {
        if (result < 0) {
            throw new LinuxException("sample datagrams", what, result);
        }
    }

    /**
     * The next datagram that has arrived, from its IP header on; empty when there is none. It is valid until the next
     * call. The kernel may have merged several into it.
     */
    public MemorySegment next() {
        int received = Syscalls.recv(fd, buffer.address(), LARGEST, 0);
        return buffer.asSlice(0, Math.max(0, received));
    }

    @Override
    public void close() {
        Syscalls.close(fd);
        arena.close();
    }
}
