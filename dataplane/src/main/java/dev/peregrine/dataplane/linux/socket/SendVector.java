package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A reusable array of messages for {@code sendmmsg}. A message is begun with its destination, gathers fragments from
 * native memory of the caller's, and may carry a TOS, a TTL and a {@code UDP_SEGMENT} size of its own.
 *
 * <p>All native memory is allocated at construction; nothing is allocated afterwards. One thread at a time. The caller
 * keeps the fragments alive until {@link #send} returns; the kernel has copied them by then.
 */
public final class SendVector implements AutoCloseable {
    private static final int MAX_FRAGMENTS = 1024;
    /** TOS, TTL, segment size. */
    private static final int CONTROL_SIZE = 3 * MessageHeader.SMALL_CONTROL_SIZE;

    private final int capacity;
    private final int fragments;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment headers;
    private final MemorySegment iovecs;
    private final MemorySegment names;
    private final MemorySegment controls;

    /**
     * @param capacity messages, at least 1
     * @param fragments the most fragments of one message, 1 to 1024
     */
    public SendVector(int capacity, int fragments) {
        if (fragments < 1 || fragments > MAX_FRAGMENTS) {
            throw new IllegalArgumentException(fragments + " fragments per message are not within 1 to 1024");
        }
        this.capacity = capacity;
        this.fragments = fragments;
        headers = arena.allocate((long) capacity * MessageHeader.SIZE, 64);
        iovecs = arena.allocate((long) capacity * fragments * MessageHeader.IOVEC_SIZE, 64);
        names = arena.allocate((long) capacity * UdpAddress.SIZE, 64);
        controls = arena.allocate((long) capacity * CONTROL_SIZE, 64);
        for (int i = 0; i < capacity; i++) {
            long header = header(i);
            headers.set(JAVA_LONG, header + MessageHeader.NAME, names.address() + (long) i * UdpAddress.SIZE);
            headers.set(JAVA_LONG, header + MessageHeader.IOVECS, iovecs.address() + iovec(i, 0));
            headers.set(JAVA_LONG, header + MessageHeader.CONTROL, controls.address() + (long) i * CONTROL_SIZE);
        }
    }

    /** The most fragments of one message. */
    public int fragments() {
        return fragments;
    }

    /** Empties message {@code i} and addresses it. */
    public void begin(int i, UdpAddress destination) {
        long name = (long) i * UdpAddress.SIZE;
        names.set(JAVA_LONG, name, destination.word0);
        names.set(JAVA_LONG, name + 8, destination.word1);
        names.set(JAVA_LONG, name + 16, destination.word2);
        names.set(JAVA_LONG, name + 24, destination.word3);
        long header = header(i);
        headers.set(JAVA_INT, header + MessageHeader.NAME_LENGTH, destination.length);
        headers.set(JAVA_LONG, header + MessageHeader.IOVEC_COUNT, 0);
        headers.set(JAVA_LONG, header + MessageHeader.CONTROL_LENGTH, 0);
    }

    /** Empties message {@code i} and addresses it to the sender of message {@code j} of {@code received}. */
    public void beginAnswer(int i, ReceiveVector received, int j) {
        long header = header(i);
        headers.set(
                JAVA_INT, header + MessageHeader.NAME_LENGTH, received.source(j, names, (long) i * UdpAddress.SIZE));
        headers.set(JAVA_LONG, header + MessageHeader.IOVEC_COUNT, 0);
        headers.set(JAVA_LONG, header + MessageHeader.CONTROL_LENGTH, 0);
    }

    /** Adds {@code length} bytes at a native address to message {@code i}. */
    public void append(int i, long address, int length) {
        long header = header(i);
        int count = (int) headers.get(JAVA_LONG, header + MessageHeader.IOVEC_COUNT);
        long iovec = iovec(i, Objects.checkIndex(count, fragments));
        iovecs.set(JAVA_LONG, iovec, address);
        iovecs.set(JAVA_LONG, iovec + 8, length);
        headers.set(JAVA_LONG, header + MessageHeader.IOVEC_COUNT, count + 1);
    }

    /**
     * Sets the fields of message {@code i} that differ from the socket's; after {@link #begin}.
     *
     * @param tos TOS or traffic class, 0 to 255; -1: the socket's
     * @param ttl TTL or hop limit, 1 to 255; -1: the socket's
     * @param segmentSize the bytes of UDP payload after which the kernel starts another datagram; 0: one datagram
     */
    public void control(int i, int tos, int ttl, int segmentSize) {
        boolean ipv6 = names.get(JAVA_SHORT, (long) i * UdpAddress.SIZE) == Syscalls.AF_INET6;
        int level = ipv6 ? MessageHeader.SOL_IPV6 : MessageHeader.SOL_IP;
        long start = (long) i * CONTROL_SIZE;
        long position = start;
        if (tos >= 0) {
            position =
                    put(position, level, ipv6 ? MessageHeader.IPV6_TCLASS : MessageHeader.IP_TOS, tos, Integer.BYTES);
        }
        if (ttl >= 0) {
            position =
                    put(position, level, ipv6 ? MessageHeader.IPV6_HOPLIMIT : MessageHeader.IP_TTL, ttl, Integer.BYTES);
        }
        if (segmentSize > 0) {
            // An int's lower half comes first: the kernel reads the two bytes that it wants.
            position = put(position, MessageHeader.SOL_UDP, MessageHeader.UDP_SEGMENT, segmentSize, Short.BYTES);
        }
        headers.set(JAVA_LONG, header(i) + MessageHeader.CONTROL_LENGTH, position - start);
    }

    /**
     * Sends the messages {@code first} to {@code first + count - 1} in order, without waiting.
     *
     * @return how many were sent; or {@code -errno} if the first one failed. When fewer than {@code count} were sent,
     *     sending from the next one on tells why.
     */
    public int send(UdpSocket socket, int first, int count) {
        Objects.checkFromIndexSize(first, count, capacity);
        return Syscalls.sendmmsg(socket.fd(), headers.address() + header(first), count, MessageHeader.MSG_DONTWAIT);
    }

    /** Frees the native memory; not while {@link #send} runs. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private long put(long position, int level, int type, int value, int length) {
        controls.set(JAVA_LONG, position, MessageHeader.CONTROL_HEADER_SIZE + length);
        controls.set(JAVA_INT, position + 8, level);
        controls.set(JAVA_INT, position + 12, type);
        controls.set(JAVA_INT, position + MessageHeader.CONTROL_HEADER_SIZE, value);
        return position + MessageHeader.SMALL_CONTROL_SIZE;
    }

    private long iovec(int i, int fragment) {
        return ((long) i * fragments + fragment) * MessageHeader.IOVEC_SIZE;
    }

    private static long header(int i) {
        return (long) i * MessageHeader.SIZE;
    }
}
