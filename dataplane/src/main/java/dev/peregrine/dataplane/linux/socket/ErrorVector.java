package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A reusable array of messages that takes errors out of a socket's error queue ({@code MSG_ERRQUEUE}, ip(7)): the
 * destination of the datagram that each is about, and the sender of the ICMP error.
 *
 * <p>All native memory is allocated at construction; nothing is allocated afterwards. One thread at a time.
 *
 * <pre>
 * sock_extended_err  0 errno (u32)  4 origin (u8)  5 type (u8)  6 code (u8)  8 info (u32)  12 data (u32)
 *                    16 sockaddr of the offender
 * </pre>
 */
public final class ErrorVector implements AutoCloseable {
    private static final int CONTROL_SIZE = 128;
    private static final int ORIGIN = 4;
    private static final int OFFENDER = 16;
    private static final int ORIGIN_LOCAL = 1;
    private static final int ORIGIN_ICMP = 2;
    private static final int ORIGIN_ICMP6 = 3;

    private static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG = JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;

    /** Where in {@link #controls} the error of a message begins; -1 when it has none. */
    private final long[] errors;

    /** @param capacity errors, at least 1 */
    public ErrorVector(int capacity) {
        this.capacity = capacity;
        headers = arena.allocate((long) capacity * MessageHeader.SIZE, 64);
        names = arena.allocate((long) capacity * UdpAddress.SIZE, 64);
        controls = arena.allocate((long) capacity * CONTROL_SIZE, 64);
        errors = new long[capacity];
        for (int i = 0; i < capacity; i++) {
            long header = (long) i * MessageHeader.SIZE;
            headers.set(JAVA_LONG, header + MessageHeader.NAME, names.address() + name(i));
            headers.set(JAVA_LONG, header + MessageHeader.CONTROL, controls.address() + (long) i * CONTROL_SIZE);
        }
    }

    /**
     * Takes the oldest errors out of the queue, without waiting; returns how many. The datagrams' bytes are left out.
     */
    public int take(UdpSocket socket) {
        for (int i = 0; i < capacity; i++) {
            long header = (long) i * MessageHeader.SIZE;
            headers.set(JAVA_INT, header + MessageHeader.NAME_LENGTH, UdpAddress.SIZE);
            headers.set(JAVA_LONG, header + MessageHeader.CONTROL_LENGTH, CONTROL_SIZE);
        }
        int taken = Syscalls.recvmmsg(
                socket.fd(), headers.address(), capacity, MessageHeader.MSG_ERRQUEUE | MessageHeader.MSG_DONTWAIT);
        for (int i = 0; i < taken; i++) {
            errors[i] = find(i);
        }
        return Math.max(0, taken);
    }

    /** The position of the error among the control messages of message {@code i}. */
    private long find(int i) {
        long position = (long) i * CONTROL_SIZE;
        long end = position + headers.get(JAVA_LONG, (long) i * MessageHeader.SIZE + MessageHeader.CONTROL_LENGTH);
        while (position + MessageHeader.CONTROL_HEADER_SIZE <= end) {
            long length = controls.get(JAVA_LONG, position);
            int level = controls.get(JAVA_INT, position + 8);
            int type = controls.get(JAVA_INT, position + 12);
            if (length < MessageHeader.CONTROL_HEADER_SIZE || position + length > end) {
                return -1;
            }
            if ((level == MessageHeader.SOL_IP && type == MessageHeader.IP_RECVERR)
                    || (level == MessageHeader.SOL_IPV6 && type == MessageHeader.IPV6_RECVERR)) {
                return position + MessageHeader.CONTROL_HEADER_SIZE;
            }
            position += (length + 7) & -8L;
        }
        return -1;
    }

    /** The errno of an error; 0 when the message holds none. */
    public int errno(int i) {
        return errors[i] < 0 ? 0 : controls.get(JAVA_INT, errors[i]);
    }

    /** Whether it is an ICMP or ICMPv6 error; such an error also fails the next send of the socket. */
    public boolean isIcmp(int i) {
        int origin = origin(i);
        return origin == ORIGIN_ICMP || origin == ORIGIN_ICMP6;
    }

    /** Whether the kernel itself reports it, about a send that has failed with it. */
    public boolean isLocal(int i) {
        return origin(i) == ORIGIN_LOCAL;
    }

    private int origin(int i) {
        return errors[i] < 0 ? 0 : controls.get(JAVA_BYTE, errors[i] + ORIGIN);
    }

    /** The upper 64 bits of the address that the datagram was sent to, as IPv6; 0 for IPv4. */
    public long destinationHigh(int i) {
        return high(names, name(i));
    }

    /** The lower 64 bits of that address as IPv6; IPv4 is mapped (::ffff:a.b.c.d). */
    public long destinationLow(int i) {
        return low(names, name(i));
    }

    /** As {@link #destinationHigh}, of the host that the ICMP error came from. */
    public long offenderHigh(int i) {
        return high(controls, errors[i] + OFFENDER);
    }

    /** As {@link #destinationLow}, of the host that the ICMP error came from. */
    public long offenderLow(int i) {
        return low(controls, errors[i] + OFFENDER);
    }

    private static boolean isIpv6(MemorySegment memory, long sockaddr) {
        return memory.get(JAVA_SHORT, sockaddr) == Syscalls.AF_INET6;
    }

    private static long high(MemorySegment memory, long sockaddr) {
        return isIpv6(memory, sockaddr) ? memory.get(NETWORK_LONG, sockaddr + 8) : 0;
    }

    private static long low(MemorySegment memory, long sockaddr) {
        return isIpv6(memory, sockaddr)
                ? memory.get(NETWORK_LONG, sockaddr + 16)
                : MappedAddress.low(memory.get(NETWORK_INT, sockaddr + 4));
    }

    private static long name(int i) {
        return (long) i * UdpAddress.SIZE;
    }

    /** Frees the native memory; not while {@link #take} runs. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
