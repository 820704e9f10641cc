package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.packet.DropReason;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The payload of an IP datagram whose fragments are coming in, in any order (RFC 791 section 3.2, RFC 8200 section
 * 4.5). Two maps with a bit for each 8 bytes say which have come and where fragments begin. Fragments that overlap
 * spoil the datagram: it takes no more, and cannot become complete (RFC 5722); one that comes twice, byte for byte,
 * does not.
 *
 * <p>The object is reused for others by {@link Reassembly}.
 */
final class PartialDatagram {
    /** Bytes that a datagram's payload can have. */
    static final int CAPACITY = 1 << 16;

    private static final int UNKNOWN = -1;
    private static final int UNITS = CAPACITY >> 3;

    private final MemorySegment memory;
    private final long position;
    private final long[] covered = new long[UNITS / Long.SIZE];
    private final long[] beginnings = new long[UNITS / Long.SIZE];

    /** The sender, as in {@link Remote}. */
    long addressHigh;

    long addressLow;

    /** The number that all fragments have in their headers. */
    int identification;

    /** Where the last fragment came from. */
    long mac;

    /** When the first fragment came. */
    long beganNanos;

    private int fragments;
    private int bytes;
    private int highest;
    private int length;
    private boolean spoiled;

    /** @param position of {@value #CAPACITY} bytes in {@code memory} that are this object's own */
    PartialDatagram(MemorySegment memory, long position) {
        this.memory = memory;
        this.position = position;
    }

    boolean isOf(long addressHigh, long addressLow, int identification) {
        return this.identification == identification && isFrom(addressHigh, addressLow);
    }

    boolean isFrom(long addressHigh, long addressLow) {
        return this.addressLow == addressLow && this.addressHigh == addressHigh;
    }

    /** Begins a datagram of which nothing has come. */
    void begin(long addressHigh, long addressLow, int identification, long nowNanos) {
        this.addressHigh = addressHigh;
        this.addressLow = addressLow;
        this.identification = identification;
        beganNanos = nowNanos;
        int words = (highest + CAPACITY / covered.length - 1) / (CAPACITY / covered.length);
        Arrays.fill(covered, 0, words, 0);
        Arrays.fill(beginnings, 0, words, 0);
        fragments = 0;
        bytes = 0;
        highest = 0;
        length = UNKNOWN;
        spoiled = false;
    }

    /**
     * Takes a fragment's data; returns why not, or null. A fragment that is refused as {@link DropReason#FRAG_OVERLAP}
     * spoils all that came before.
     *
     * @param from where the data is, at {@code at}
     * @param offset of the data in the datagram, a multiple of 8
     * @param size bytes of data, at least 1, a multiple of 8 unless it is the last; {@code offset + size} is at most
     *     {@link #CAPACITY}
     * @param more whether others follow
     */
    @Nullable
    DropReason add(MemorySegment from, long at, int offset, int size, boolean more) {
        int end = offset + size;
        int first = offset >> 3;
        int behind = (end + 7) >> 3;
        if (spoiled || contradicts(end, more)) {
            return spoil();
        }
        if (isAny(covered, first, behind)) {
            boolean mayBeThere = more || length != UNKNOWN; // a last fragment is known by the length
            return mayBeThere && isThere(first, behind) && isSame(from, at, offset, size)
                    ? DropReason.DUP_FRAG
                    : spoil();
        }
        MemorySegment.copy(from, at, memory, position + offset, size);
        cover(first, behind);
        fragments++;
        bytes += size;
        highest = Math.max(highest, end);
        if (!more) {
            length = end;
        }
        return null;
    }

    /** Fragments that it holds, or held when it was spoilt. */
    int fragments() {
        return fragments;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    boolean isComplete() {
        return bytes == length && !spoiled;
    }

    /** Bytes of the complete payload. */
    int length() {
        return length;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the payload begins in {@link #memory}. */
    long position() {
        return position;
    }

    private DropReason spoil() {
        spoiled = true;
        return DropReason.FRAG_OVERLAP;
    }

    /** Whether the fragment ends behind the known end, or is a last one that ends before bytes that have come. */
    private boolean contradicts(int end, boolean more) {
        if (more) {
            return length != UNKNOWN && end >= length;
        }
        return length == UNKNOWN ? end < highest : end != length;
    }

    /** Whether an earlier fragment had exactly these units. */
    private boolean isThere(int first, int behind) {
        boolean ends = behind == UNITS || isSet(beginnings, behind) || !isSet(covered, behind);
        return ends
                && isSet(beginnings, first)
                && isAll(covered, first, behind)
                && !isAny(beginnings, first + 1, behind);
    }

    private boolean isSame(MemorySegment from, long at, int offset, int size) {
        long to = position + offset;
        return MemorySegment.mismatch(from, at, at + size, memory, to, to + size) < 0;
    }

    private void cover(int first, int behind) {
        beginnings[first >> 6] |= 1L << first;
        for (int unit = first; unit < behind; unit = next(unit)) {
            covered[unit >> 6] |= mask(unit, behind);
        }
    }

    private static boolean isSet(long[] map, int unit) {
        return (map[unit >> 6] & 1L << unit) != 0;
    }

    private static boolean isAny(long[] map, int first, int behind) {
        for (int unit = first; unit < behind; unit = next(unit)) {
            if ((map[unit >> 6] & mask(unit, behind)) != 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAll(long[] map, int first, int behind) {
        for (int unit = first; unit < behind; unit = next(unit)) {
            long mask = mask(unit, behind);
            if ((map[unit >> 6] & mask) != mask) {
                return false;
            }
        }
        return true;
    }

    /** The first unit of the next word. */
    private static int next(int unit) {
        return (unit | 63) + 1;
    }

    /** The bits, in the word of {@code unit}, from there to before {@code behind}. */
    private static long mask(int unit, int behind) {
        long upwards = -1L << unit;
        return next(unit) <= behind ? upwards : upwards & ~(-1L << behind);
    }
}
