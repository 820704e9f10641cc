package dev.peregrine.dataplane.linux.tun;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Predicate;

/** Reads and writes frames of one TAP queue, headers included, for tests. */
final class TapFrames implements AutoCloseable {
    private static final int BUFFER_SIZE = 70_000;
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    private final Tap tap;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment input = arena.allocate(BUFFER_SIZE, 64);
    private final MemorySegment output = arena.allocate(BUFFER_SIZE, 64);
    private final IoVector vector = new IoVector(IoVector.MAX_CAPACITY);

    TapFrames(Tap tap) {
        this.tap = tap;
    }

    /** Waits for a frame that fits, throwing others away; it stands behind its header. Network byte order. */
    ByteBuffer await(Predicate<ByteBuffer> wanted) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (System.nanoTime() < deadline) {
            for (int queue = 0; queue < tap.queues(); queue++) {
                int length = tap.read(queue, input.address(), BUFFER_SIZE);
                if (length > 0) {
                    ByteBuffer frame = input.asSlice(0, length).asByteBuffer();
                    if (wanted.test(frame)) {
                        return frame;
                    }
                } else if (length != -Errno.EAGAIN) {
                    fail("read gave " + Errno.name(length));
                }
            }
            Thread.onSpinWait();
        }
        return fail("no such frame came");
    }

    static boolean isUdp(ByteBuffer frame) {
        return frame.getShort(Tap.HEADER_SIZE + 12) == 0x0800 && frame.get(Tap.HEADER_SIZE + 14 + 9) == 17;
    }

    /** Byte 1 of the header. */
    static int gsoType(ByteBuffer frame) {
        return frame.get(1);
    }

    static int gsoSize(ByteBuffer frame) {
        return Short.toUnsignedInt(frame.order(ByteOrder.nativeOrder()).getShort(4));
    }

    /** Writes an IPv4 UDP superframe of {@code count} segments as header, frame head and one fragment per segment. */
    int writeUdpSuperframe(long destinationMac, UdpAddress from, UdpAddress to, int segmentSize, int count) {
        int udpLength = 8 + segmentSize * count;
        ByteBuffer header = output.asByteBuffer().order(ByteOrder.nativeOrder());
        header.put(0, (byte) 1).put(1, (byte) 5).putShort(2, (short) 42);
        header.putShort(4, (short) segmentSize).putShort(6, (short) 34).putShort(8, (short) 6);
        ByteBuffer frame = output.asByteBuffer().position(64).slice();
        frame.putLong(0, destinationMac << 16)
                .putShort(6, (short) 0x0200)
                .putInt(8, 9)
                .putShort(12, (short) 0x0800);
        frame.putShort(14, (short) 0x4500)
                .putShort(16, (short) (20 + udpLength))
                .putInt(18, 0x0000_4000);
        frame.put(22, (byte) 64).put(23, (byte) 17).putShort(24, (short) 0);
        frame.put(26, from.address().getAddress()).put(30, to.address().getAddress());
        frame.putShort(24, (short) ~sum(frame, 14, 20, 0));
        frame.putShort(34, (short) from.port()).putShort(36, (short) to.port()).putShort(38, (short) udpLength);
        frame.putShort(40, (short) sum(frame, 26, 8, 17 + udpLength)); // The pseudo-header's sum: NEEDS_CSUM.
        vector.clear();
        vector.append(output.address(), Tap.HEADER_SIZE);
        vector.append(output.address() + 64, 42);
        for (int i = 0; i < count; i++) {
            vector.append(output.address() + 1_024 + (long) i * segmentSize, segmentSize);
        }
        int written = tap.writev(0, vector.address(), vector.size());
        assertTrue(written == vector.length(), () -> "writev gave " + written);
        return written;
    }

    private static int sum(ByteBuffer bytes, int offset, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i += 2) {
            sum += Short.toUnsignedInt(bytes.getShort(offset + i));
        }
        sum = (sum >>> 16) + (sum & 0xffff);
        return (sum >>> 16) + (sum & 0xffff);
    }

    @Override
    public void close() {
        vector.close();
        arena.close();
    }
}
