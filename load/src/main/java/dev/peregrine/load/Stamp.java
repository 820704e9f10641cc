package dev.peregrine.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The beginning of a generated payload, so that its receiver can tell loss, reordering, duplicates and latency. It fits
 * the 18 bytes of payload that make an inner frame of the Ethernet minimum.
 *
 * <pre>
 *   0       2             6                   12                  18
 *  +-------+-------------+-------------------+-------------------+
 *  | magic |    flow     |     sequence      |      nanos        |      network byte order
 *  +-------+-------------+-------------------+-------------------+
 * </pre>
 *
 * <p>The sequence counts the flow's datagrams from 0. The time is {@link System#nanoTime} modulo 2^48, which every
 * process of one host shares: latencies are meaningful only where sender and receiver run on the same host.
 */
public final class Stamp {
    /** Bytes of a stamp, the least payload. */
    public static final int LENGTH = 18;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final long MAGIC = 0x5047;
    private static final int MAGIC_SHIFT = 48;
    private static final int FLOW_SHIFT = 16;
    private static final int SEQUENCE_SHIFT = 32;
    private static final int TIME_SHIFT = 16;
    private static final long LOW = 0xffff_ffffL;

    private Stamp() {}

    /** The stamp's first 8 bytes. */
    public static long head(int flow, long sequence) {
        return (MAGIC << MAGIC_SHIFT) | ((flow & LOW) << FLOW_SHIFT) | ((sequence >>> SEQUENCE_SHIFT) & 0xffff);
    }

    /** The stamp's middle 8 bytes; the last two are the low 16 bits of {@code nanos}. */
    public static long middle(long sequence, long nanos) {
        return (sequence << SEQUENCE_SHIFT) | ((nanos >>> TIME_SHIFT) & LOW);
    }

    /** Writes a stamp. */
    public static void write(MemorySegment memory, long position, int flow, long sequence, long nanos) {
        memory.set(LONG, position, head(flow, sequence));
        memory.set(LONG, position + 8, middle(sequence, nanos));
        memory.set(SHORT, position + 16, (short) nanos);
    }

    /** Whether a stamp begins there; the caller has made sure of {@link #LENGTH} bytes. */
    public static boolean isAt(MemorySegment memory, long position) {
        return memory.get(LONG, position) >>> MAGIC_SHIFT == MAGIC;
    }

    /** The flow, any 32 bits. */
    public static int flow(MemorySegment memory, long position) {
        return (int) (memory.get(LONG, position) >>> FLOW_SHIFT);
    }

    /** The sequence number, 0 to 2^48 - 1. */
    public static long sequence(MemorySegment memory, long position) {
        long high = memory.get(LONG, position) & 0xffff;
        return (high << SEQUENCE_SHIFT) | (memory.get(LONG, position + 8) >>> SEQUENCE_SHIFT);
    }

    /** Nanoseconds from when it was due to be sent until {@code now}; negative if the clocks are not the same. */
    public static long age(MemorySegment memory, long position, long now) {
        long sent =
                ((memory.get(LONG, position + 8) & LOW) << TIME_SHIFT) | (memory.get(SHORT, position + 16) & 0xffff);
        return ((now - sent) << 16) >> 16;
    }
}
