package dev.peregrine.dataplane.header;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum: the complement of the ones' complement sum of 16-bit words (RFC 1071).
 *
 * <p>A <em>sum</em> here is a non-negative long that stands for a ones' complement sum of words in network byte order.
 * Sums may be added to each other and to 16-bit or 32-bit values, far more than a frame can need, before
 * {@link #fold} brings them back to 16 bits.
 */
public final class InternetChecksum {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffff_ffffL;

    private InternetChecksum() {}

    /**
     * The sum of {@code length} bytes from {@code position}, both of any parity; the first byte is the upper half of
     * a word, and a missing last byte counts as zero.
     */
    public static long sum(MemorySegment memory, long position, int length) {
        // Words are added as they lie in memory: the sum only comes out byte-swapped (RFC 1071 section 2 B). The two
        // halves have sums of their own, so that nothing carries and the compiler turns the loop into vector code.
        long low = 0;
        long high = 0;
        int words = length >>> 3;
        for (int i = 0; i < words; i++) {
            long word = memory.get(LONG, position + (long) i * Long.BYTES);
            low += word & LOW;
            high += word >>> 32;
        }
        int folded = fold(low + high + tail(memory, position + (length & ~7), length & 7));
        return LITTLE_ENDIAN ? Short.reverseBytes((short) folded) & 0xffff : folded;
    }

    /** The sum, in native byte order, of up to 7 bytes. */
    private static long tail(MemorySegment memory, long position, int length) {
        long sum = 0;
        long at = position;
        if ((length & 4) != 0) {
            sum += memory.get(INT, at) & LOW;
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += memory.get(SHORT, at) & 0xffff;
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            sum += LITTLE_ENDIAN ? last : last << 8;
        }
        return sum;
    }

    /** Brings a sum down to 16 bits. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOW);
        folded = (folded >>> 32) + (folded & LOW);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }

    /** The checksum that belongs to a sum: the complement of its 16 bits. */
    public static int complement(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /**
     * The sum of the pseudo-header of TCP and UDP over IPv4 (RFC 9293 section 3.1).
     *
     * @param network position of the IPv4 header in {@code memory}
     * @param transportLength bytes of the transport header and its payload
     */
    public static long pseudoHeader4(MemorySegment memory, long network, int protocol, int transportLength) {
        return sum(memory, network + Ipv4Header.SOURCE, 8) + protocol + transportLength;
    }

    /**
     * The sum of the pseudo-header of TCP, UDP and ICMPv6 over IPv6 (RFC 8200 section 8.1).
     *
     * @param network position of the IPv6 header in {@code memory}
     * @param transportLength bytes of the transport header and its payload
     */
    public static long pseudoHeader6(MemorySegment memory, long network, int protocol, int transportLength) {
        return sum(memory, network + Ipv6Header.SOURCE, 32) + protocol + transportLength;
    }

    /** The checksum after a 16-bit word that it covers changed (RFC 1624 equation 3). */
    public static int update(int checksum, int before, int after) {
        return complement((~checksum & 0xffff) + (~before & 0xffffL) + after);
    }

    /** The checksum after a 32-bit value that it covers, at an even offset, changed. */
    public static int update32(int checksum, int before, int after) {
        return complement((~checksum & 0xffff) + (~before & LOW) + (after & LOW));
    }
}
