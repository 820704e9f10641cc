package dev.peregrine.dataplane.observe;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng) with Ethernet frames and nanoseconds. Interfaces are
 * described when their first frame comes. All in little-endian byte order, which the file itself says.
 *
 * <pre>
 * Section Header          0x0a0d0d0a | length | 0x1a2b3c4d | 1.0 | -1 | options | length
 * Interface Description            1 | length | link type 1 | 0 | snap length | options | length
 * Enhanced Packet                  6 | length | interface | time (2 words) | kept | length on the wire | bytes | options | length
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class PcapngWriter {
    private static final int SECTION = 0x0a0d_0d0a;
    private static final int BYTE_ORDER = 0x1a2b_3c4d;
    private static final int INTERFACE = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int ETHERNET = 1;

    /** Options. The same number means different things in different blocks. */
    private static final int COMMENT = 1;

    private static final int SECTION_APPLICATION = 4;
    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_RESOLUTION = 9;
    private static final int PACKET_FLAGS = 2;
    private static final int NANOSECONDS = 9;

    private final int snapLength;
    private final List<String> interfaces = new ArrayList<>();
    private long count;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private ByteBuffer block = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * A file that begins.
     *
     * @param application what writes it
     * @param snapLength the most bytes of a frame
     */
    public PcapngWriter(String application, int snapLength) {
        this.snapLength = snapLength;
        begin(SECTION, 64 + application.length());
        block.putInt(BYTE_ORDER).putShort((short) 1).putShort((short) 0).putLong(-1);
        option(SECTION_APPLICATION, application.getBytes(StandardCharsets.UTF_8));
        end();
    }

    /**
     * A frame.
     *
     * @param name of the interface
     * @param nanos since 1970
     * @param direction 1 into the gateway, 2 out of it, 0 for none
     * @param length bytes on the wire
     * @param front bytes in front of those in {@code frame}
     * @param frame the bytes that were kept
     * @param comment what else there is to say; null for nothing
     */
    public void frame(
            String name,
            long nanos,
            int direction,
            int length,
            byte[] front,
            ByteBuffer frame,
            @Nullable String comment) {
        int number = interfaces.indexOf(name);
        if (number < 0) {
            number = interfaces.size();
            interfaces.add(name);
            describe(name);
        }
        count++;
        int kept = front.length + frame.remaining();
        byte[] text = comment == null ? new byte[0] : comment.getBytes(StandardCharsets.UTF_8);
        begin(ENHANCED_PACKET, kept + text.length + 64);
        block.putInt(number).putInt((int) (nanos >>> Integer.SIZE)).putInt((int) nanos);
        block.putInt(kept).putInt(front.length + length).put(front).put(frame);
        pad();
        if (direction != 0) {
            option(PACKET_FLAGS, new byte[] {(byte) direction, 0, 0, 0});
        }
        if (text.length > 0) {
            option(COMMENT, text);
        }
        end();
    }

    private void describe(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        begin(INTERFACE, text.length + 64);
        block.putShort((short) ETHERNET).putShort((short) 0).putInt(snapLength);
        option(INTERFACE_NAME, text);
        option(INTERFACE_RESOLUTION, new byte[] {NANOSECONDS});
        end();
    }

    private void begin(int type, int most) {
        if (block.capacity() < most) {
            block = ByteBuffer.allocate(2 * most).order(ByteOrder.LITTLE_ENDIAN);
        }
        block.clear().putInt(type).putInt(0);
    }

    private void option(int code, byte[] value) {
        block.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    private void pad() {
        while ((block.position() & 3) != 0) {
            block.put((byte) 0);
        }
    }

    /** Ends the options and the block: its length stands in front and behind. */
    private void end() {
        block.putInt(0);
        int length = block.position() + Integer.BYTES;
        block.putInt(length).putInt(Integer.BYTES, length);
        out.write(block.array(), 0, length);
    }

    /** Number of bytes that wait to be taken. */
    public int size() {
        return out.size();
    }

    /** How many frames were written since it was called last. */
    public long takeCount() {
        long taken = count;
        count = 0;
        return taken;
    }

    /** Takes the bytes that were written since it was called last. */
    public byte[] take() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
