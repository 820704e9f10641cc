package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A reusable array of messages that receives frames from a {@link PacketSocket}, many in one system call. Each message
 * lends a buffer of the caller's to the kernel; its virtio header goes to memory of the vector's own.
 *
 * <p>All native memory is allocated at construction; nothing is allocated afterwards. One thread at a time. The caller
 * keeps the lent buffers alive.
 */
public final class FrameVector implements AutoCloseable {
    /** The value of {@link #tag} for a frame without one. */
    public static final int NO_TAG = 0;

    /** A virtio header, padded. */
    private static final int HEADER_STRIDE = 16;

    /**
     * One control message with {@code tpacket_auxdata}: 0 status, 4 length, 8 captured length, 12 link header,
     * 14 network header, 16 VLAN tag, 18 VLAN EtherType; after the control header of 16 bytes. And more to spare.
     */
    private static final int CONTROL_SIZE = 64;

    private static final int AUXDATA_LENGTH = MessageHeader.CONTROL_HEADER_SIZE + 20;
    private static final int STATUS_VLAN_VALID = 1 << 4;
    private static final int STATUS_VLAN_TYPE_VALID = 1 << 6;
    private static final int DEFAULT_VLAN_TYPE = 0x8100;

    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment messages;
    private final MemorySegment iovecs;
    private final MemorySegment virtioHeaders;
    private final MemorySegment controls;

    /** @param capacity messages, at least 1 */
    public FrameVector(int capacity) {
        this.capacity = capacity;
        messages = arena.allocate((long) capacity * MessageHeader.SIZE, 64);
        iovecs = arena.allocate(2L * capacity * MessageHeader.IOVEC_SIZE, 64);
        virtioHeaders = arena.allocate((long) capacity * HEADER_STRIDE, 64);
        controls = arena.allocate((long) capacity * CONTROL_SIZE, 64);
        for (int i = 0; i < capacity; i++) {
            long message = message(i);
            messages.set(JAVA_LONG, message + MessageHeader.IOVECS, iovecs.address() + iovec(i));
            messages.set(JAVA_LONG, message + MessageHeader.IOVEC_COUNT, 2);
            messages.set(JAVA_LONG, message + MessageHeader.CONTROL, controls.address() + control(i));
            iovecs.set(JAVA_LONG, iovec(i), virtioHeaders.address() + virtioHeader(i));
            iovecs.set(JAVA_LONG, iovec(i) + 8, PacketSocket.HEADER_SIZE);
        }
    }

    /** Lends {@code length} bytes at a native address to message {@code i}, for this and later receives. */
    public void buffer(int i, long address, int length) {
        long frame = iovec(i) + MessageHeader.IOVEC_SIZE;
        iovecs.set(JAVA_LONG, frame, address);
        iovecs.set(JAVA_LONG, frame + 8, length);
    }

    /**
     * Receives into the messages 0 to {@code count - 1}, without waiting.
     *
     * @return how many of them, from 0 on, hold a frame now: 0 when none waits; or {@code -errno}: {@code -ENETDOWN}
     *     once after the interface went down, or for good; {@code -EINVAL} for a superframe of a kind that has no
     *     virtio header, which is lost
     */
    public int receive(PacketSocket socket, int count) {
        Objects.checkFromIndexSize(0, count, capacity);
        for (int i = 0; i < count; i++) {
            messages.set(JAVA_LONG, message(i) + MessageHeader.CONTROL_LENGTH, CONTROL_SIZE);
        }
        int received = Syscalls.recvmmsg(socket.fd(), messages.address(), count, MessageHeader.MSG_DONTWAIT);
        return received == -Errno.EAGAIN || received == -Errno.EINTR ? 0 : received;
    }

    /** Bytes of the frame, its virtio header left out. */
    public int length(int i) {
        return messages.get(JAVA_INT, message(i) + MessageHeader.LENGTH) - PacketSocket.HEADER_SIZE;
    }

    /** Whether the frame was longer than the buffer. */
    public boolean truncated(int i) {
        return (messages.get(JAVA_INT, message(i) + MessageHeader.FLAGS) & MessageHeader.MSG_TRUNC) != 0;
    }

    /** Bytes of the frame that message {@code i} holds a part of, without a tag that the kernel took out. */
    public int wholeLength(int i) {
        return hasAuxdata(i) ? controls.get(JAVA_INT, auxdata(i) + 4) : length(i);
    }

    /**
     * The outermost VLAN tag, which the kernel takes out of a frame: EtherType in the upper 16 bits, priority and VLAN
     * in the lower; {@link #NO_TAG} when there was none.
     */
    public int tag(int i) {
        if (!hasAuxdata(i)) {
            return NO_TAG;
        }
        long auxiliary = auxdata(i);
        int status = controls.get(JAVA_INT, auxiliary);
        if ((status & STATUS_VLAN_VALID) == 0) {
            return NO_TAG;
        }
        int type = (status & STATUS_VLAN_TYPE_VALID) != 0
                ? Short.toUnsignedInt(controls.get(JAVA_SHORT, auxiliary + 18))
                : DEFAULT_VLAN_TYPE;
        return type << 16 | Short.toUnsignedInt(controls.get(JAVA_SHORT, auxiliary + 16));
    }

    private boolean hasAuxdata(int i) {
        long control = control(i);
        return messages.get(JAVA_LONG, message(i) + MessageHeader.CONTROL_LENGTH) >= AUXDATA_LENGTH
                && controls.get(JAVA_INT, control + 8) == PacketSocket.SOL_PACKET
                && controls.get(JAVA_INT, control + 12) == PacketSocket.PACKET_AUXDATA;
    }

    private static long auxdata(int i) {
        return control(i) + MessageHeader.CONTROL_HEADER_SIZE;
    }

    /** The memory of all virtio headers. */
    public MemorySegment virtioHeaders() {
        return virtioHeaders;
    }

    /** Where the virtio header of message {@code i} begins in {@link #virtioHeaders}. */
    public long virtioHeader(int i) {
        return (long) i * HEADER_STRIDE;
    }

    /** Frees the native memory; not while {@link #receive} runs. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static long message(int i) {
        return (long) i * MessageHeader.SIZE;
    }

    private static long iovec(int i) {
        return 2L * i * MessageHeader.IOVEC_SIZE;
    }

    private static long control(int i) {
        return (long) i * CONTROL_SIZE;
    }
}
