package dev.peregrine.dataplane.policy.antispoof;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of address prefixes, asked by binary search. Addresses are 128 bits in two unsigned halves; an IPv4 address is
 * the lower 32 of them, and sets of the two families are kept apart by their owner. Immutable.
 */
final class AddressRanges {
    private static final Comparator<Range> BY_BEGINNING_WIDEST_FIRST =
            (a, b) -> a.isFrom(b) ? Integer.compare(a.length, b.length) : compare(a.high, a.low, b.high, b.low);

    private final long[] firstHigh;
    private final long[] firstLow;
    private final long[] lastHigh;
    private final long[] lastLow;

    /** The addresses whose first {@code length} bits, 0 to 128, are those of an address with no other bits set. */
    record Range(long high, long low, int length) {
        /** The prefix of {@code length} bits that an address has. */
        static Range of(long high, long low, int length) {
            return new Range(high & mask(length), low & mask(length - Long.SIZE), length);
        }

        long lastHigh() {
            return high | ~mask(length);
        }

        long lastLow() {
            return low | ~mask(length - Long.SIZE);
        }

        boolean isFrom(Range other) {
            return high == other.high && low == other.low;
        }

        private static long mask(int bits) {
            return bits <= 0 ? 0 : bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
        }
    }

    AddressRanges(List<Range> prefixes) {
        List<Range> disjoint = new ArrayList<>();
        for (Range prefix : prefixes.stream().sorted(BY_BEGINNING_WIDEST_FIRST).toList()) {
            // Two prefixes are disjoint, or one has the other in it, and that one comes first.
            if (disjoint.isEmpty() || !has(disjoint.getLast(), prefix)) {
                disjoint.add(prefix);
            }
        }
        firstHigh = disjoint.stream().mapToLong(Range::high).toArray();
        firstLow = disjoint.stream().mapToLong(Range::low).toArray();
        lastHigh = disjoint.stream().mapToLong(Range::lastHigh).toArray();
        lastLow = disjoint.stream().mapToLong(Range::lastLow).toArray();
    }

    boolean contains(long high, long low) {
        int from = 0;
        int to = firstHigh.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (compare(firstHigh[middle], firstLow[middle], high, low) <= 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from > 0 && compare(high, low, lastHigh[from - 1], lastLow[from - 1]) <= 0;
    }

    private static boolean has(Range outer, Range inner) {
        return compare(inner.high, inner.low, outer.lastHigh(), outer.lastLow()) <= 0;
    }

    private static int compare(long high1, long low1, long high2, long low2) {
        return high1 == high2 ? Long.compareUnsigned(low1, low2) : Long.compareUnsigned(high1, high2);
    }
}
