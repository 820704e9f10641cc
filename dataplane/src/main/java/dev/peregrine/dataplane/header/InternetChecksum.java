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
    private static final ValueLayout.OfLong NETWORK_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffff_ffffL;
    private static final int MANY_WORDS = 16;

    private InternetChecksum() {}

    /**
     * The sum of {@code length} bytes from {@code position}, both of any parity; the first byte is the upper half of
     * a word, and a missing last byte counts as zero.
     */
    public static long sum(MemorySegment memory, long position, int length) {
        // Words are added as they lie in memory: the sum only comes out byte-swapped (RFC 1071 section 2 B).
        int words = length >>> 3;
        long sum = words < MANY_WORDS ? sumFew(memory, position, words) : sumMany(memory, position, words);
        int folded = fold(sum + tail(memory, position + (length & ~7), length & 7));
        return LITTLE_ENDIAN ? Short.reverseBytes((short) folded) & 0xffff : folded;
    }

    private static long sumFew(MemorySegment memory, long position, int words) {
        long sum = 0;
        for (int i = 0; i < words; i++) {
            long word = memory.get(LONG, position + (long) i * Long.BYTES);
            sum += (word & LOW) + (word >>> 32);
        }
        return sum;
    }

    /**
     * The halves of the words have sums of their own, so that nothing carries and the compiler makes vector code of
     * the loop. It stands apart from {@link #sumFew}, because the compiler would not do so for a loop that it has
     * mostly seen to be short: payloads would cost twice as much after some traffic of small packets.
     */
    private static long sumMany(MemorySegment memory, long position, int words) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < words; i++) {
            long word = memory.get(LONG, position + (long) i * Long.BYTES);
            low += word & LOW;
            high += word >>> 32;
        }
        return low + high;
    }

    /** The sum of 16 bytes in network byte order, such as an IPv6 address. */
    public static long sum(long high, long low) {
        return (high >>> 32) + (high & LOW) + (low >>> 32) + (low & LOW);
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
        long folded = ((sum >>> 48) + (sum >>> 32 & 0xffff)) + ((sum >>> 16 & 0xffff) + (sum & 0xffff));
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
        return addresses(memory, network + Ipv4Header.SOURCE) + protocol + transportLength;
    }

    /**
     * The sum of the pseudo-header of TCP, UDP and ICMPv6 over IPv6 (RFC 8200 section 8.1).
     *
     * @param network position of the IPv6 header in {@code memory}
     * @param transportLength bytes of the transport header and its payload
     */
    public static long pseudoHeader6(MemorySegment memory, long network, int protocol, int transportLength) {
        long source = network + Ipv6Header.SOURCE;
        long destination = network + Ipv6Header.DESTINATION;
        return addresses(memory, source)
                + addresses(memory, source + Long.BYTES)
                + addresses(memory, destination)
                + addresses(memory, destination + Long.BYTES)
                + protocol
                + transportLength;
    }

    /** The sum of 8 bytes: two IPv4 addresses, or half an IPv6 address. */
    private static long addresses(MemorySegment memory, long position) {
        long both = memory.get(NETWORK_LONG, position);
        return (both >>> 32) + (both & LOW);
    }

    /** The checksum after a 16-bit word that it covers changed (RFC 1624 equation 3). */
    public static int update(int checksum, int before, int after) {
        return complement((~checksum & 0xffff) + (~before & 0xffffL) + after);
    }
}
