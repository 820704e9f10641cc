package dev.peregrine.dataplane.linux.socket;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import dev.peregrine.dataplane.packet.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A reusable array of messages for {@code recvmmsg}: each lends a buffer of the caller's, or two, to the kernel and
 * describes, after {@link #receive}, the datagram (or, with {@code UDP_GRO}, the datagrams) that arrived in it.
 *
 * <p>All native memory is allocated at construction; nothing is allocated afterwards. One thread at a time. The caller
 * keeps the lent buffers alive.
 */
public final class ReceiveVector implements AutoCloseable {
    /** Three control messages: TOS, TTL, GRO; and more to spare. */
    private static final int CONTROL_SIZE = 8 * MessageHeader.SMALL_CONTROL_SIZE;

    private final int capacity;
    private final Arena arena = Arena.ofShared();

    /** Addresses: loops over segments take the compiler seconds, while the first packets wait. */
    private final long headers;

    private final long iovecs;
    private final long names;
    private final long controls;
    private final int[] segmentSizes;
    private final int[] tos;
    private final int[] ttls;

    /** @param capacity messages, at least 1 */
    public ReceiveVector(int capacity) {
        this.capacity = capacity;
        headers = allocate(MessageHeader.SIZE);
        iovecs = allocate(2 * MessageHeader.IOVEC_SIZE);
        names = allocate(UdpAddress.SIZE);
        controls = allocate(CONTROL_SIZE);
        segmentSizes = new int[capacity];
        tos = new int[capacity];
        ttls = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            NativeMemory.putLong(header(i) + MessageHeader.NAME, name(i));
            NativeMemory.putLong(header(i) + MessageHeader.IOVECS, iovec(i));
            NativeMemory.putLong(header(i) + MessageHeader.IOVEC_COUNT, 1);
            NativeMemory.putLong(header(i) + MessageHeader.CONTROL, controls + (long) i * CONTROL_SIZE);
        }
    }

    private long allocate(long bytesOfEach) {
        return arena.allocate(capacity * bytesOfEach, 64).address();
    }

    /** Lends {@code length} bytes at a native address to message {@code i}, for this and later receives. */
    public void buffer(int i, long address, int length) {
        lend(iovec(i), address, length);
        NativeMemory.putLong(header(i) + MessageHeader.IOVEC_COUNT, 1);
    }

    /** Lends two ranges to message {@code i}: the second takes the bytes that do not fit the first. */
    public void buffers(int i, long address, int length, long spillAddress, int spillLength) {
        lend(iovec(i), address, length);
        lend(iovec(i) + MessageHeader.IOVEC_SIZE, spillAddress, spillLength);
        NativeMemory.putLong(header(i) + MessageHeader.IOVEC_COUNT, 2);
    }

    private static void lend(long iovec, long address, int length) {
        NativeMemory.putLong(iovec, address);
        NativeMemory.putLong(iovec + 8, length);
    }

    /**
     * Receives into the messages {@code first} to {@code first + count - 1}, without waiting.
     *
     * @return how many of them, from {@code first} on, hold a datagram now: 0 when nothing waits; or {@code -errno}
     */
    public int receive(UdpSocket socket, int first, int count) {
        Objects.checkFromIndexSize(first, count, capacity);
        for (int i = first; i < first + count; i++) {
            long header = header(i);
            NativeMemory.putInt(header + MessageHeader.NAME_LENGTH, UdpAddress.SIZE);
            NativeMemory.putLong(header + MessageHeader.CONTROL_LENGTH, CONTROL_SIZE);
        }
        int received = Syscalls.recvmmsg(
                socket.fd(), headers + (long) first * MessageHeader.SIZE, count, MessageHeader.MSG_DONTWAIT);
        for (int i = first; i < first + received; i++) {
            parseControl(i);
        }
        return received == -Errno.EAGAIN || received == -Errno.EINTR ? 0 : received;
    }

    /** Bytes in the buffer. */
    public int length(int i) {
        return NativeMemory.getInt(header(i) + MessageHeader.LENGTH);
    }

    /** Whether the datagram was longer than the buffer. */
    public boolean truncated(int i) {
        return (NativeMemory.getInt(header(i) + MessageHeader.FLAGS) & MessageHeader.MSG_TRUNC) != 0;
    }

    /** The size that {@code UDP_GRO} reported, in bytes; 0 if it reported none (then it is one datagram). */
    public int segmentSize(int i) {
        return segmentSizes[i];
    }

    /** TOS or traffic class, 0 to 255; -1 unless {@link UdpSocket#receiveTos} is on. */
    public int tos(int i) {
        return tos[i];
    }

    /** TTL or hop limit, 0 to 255; -1 unless {@link UdpSocket#receiveTtl} is on. */
    public int ttl(int i) {
        return ttls[i];
    }

    /** The upper 64 bits of the source address as IPv6; 0 for IPv4. */
    public long sourceHigh(int i) {
        return isIpv6(i) ? NativeMemory.getNetworkLong(name(i) + 8) : 0;
    }

    /** The lower 64 bits of the source address as IPv6; IPv4 is mapped (::ffff:a.b.c.d). */
    public long sourceLow(int i) {
        return isIpv6(i)
                ? NativeMemory.getNetworkLong(name(i) + 16)
                : MappedAddress.low(NativeMemory.getNetworkInt(name(i) + 4));
    }

    public int sourcePort(int i) {
        return NativeMemory.getNetworkShort(name(i) + 2);
    }

    /** Writes the {@code sockaddr} of the source to a position of {@code to}, and returns its length. */
    int source(int i, MemorySegment to, long position) {
        for (long word = 0; word < UdpAddress.SIZE; word += Long.BYTES) {
            NativeMemory.putLong(to.address() + position + word, NativeMemory.getLong(name(i) + word));
        }
        return NativeMemory.getInt(header(i) + MessageHeader.NAME_LENGTH);
    }

    /** Frees the native memory; not while {@link #receive} runs. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private boolean isIpv6(int i) {
        return NativeMemory.getByte(name(i)) == Syscalls.AF_INET6;
    }

    private void parseControl(int i) {
        segmentSizes[i] = 0;
        tos[i] = -1;
        ttls[i] = -1;
        long position = controls + (long) i * CONTROL_SIZE;
        long end = position + Math.min(CONTROL_SIZE, NativeMemory.getLong(header(i) + MessageHeader.CONTROL_LENGTH));
        while (position + MessageHeader.SMALL_CONTROL_SIZE <= end) {
            long length = NativeMemory.getLong(position);
            if (length < MessageHeader.CONTROL_HEADER_SIZE || position + length > end) {
                return;
            }
            parseControl(i, NativeMemory.getInt(position + 8), NativeMemory.getInt(position + 12), position);
            position += (length + 7) & -8L;
        }
    }

    private void parseControl(int i, int level, int type, long position) {
        long data = position + MessageHeader.CONTROL_HEADER_SIZE;
        if (level == MessageHeader.SOL_UDP && type == MessageHeader.UDP_GRO) {
            segmentSizes[i] = NativeMemory.getInt(data);
        } else if (level == MessageHeader.SOL_IP && type == MessageHeader.IP_TOS) {
            tos[i] = NativeMemory.getByte(data); // One byte, whereas IPv6 gives an int.
        } else if (level == MessageHeader.SOL_IP && type == MessageHeader.IP_TTL) {
            ttls[i] = NativeMemory.getInt(data);
        } else if (level == MessageHeader.SOL_IPV6 && type == MessageHeader.IPV6_TCLASS) {
            tos[i] = NativeMemory.getInt(data);
        } else if (level == MessageHeader.SOL_IPV6 && type == MessageHeader.IPV6_HOPLIMIT) {
            ttls[i] = NativeMemory.getInt(data);
        }
    }

    private long header(int i) {
        return headers + (long) Objects.checkIndex(i, capacity) * MessageHeader.SIZE;
    }

    private long iovec(int i) {
        return iovecs + 2L * Objects.checkIndex(i, capacity) * MessageHeader.IOVEC_SIZE;
    }

    private long name(int i) {
        return names + (long) Objects.checkIndex(i, capacity) * UdpAddress.SIZE;
    }
}
