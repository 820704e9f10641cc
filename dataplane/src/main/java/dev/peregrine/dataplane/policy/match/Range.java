package dev.peregrine.dataplane.policy.match;

/** Numbers from {@code first} to {@code last}, both included: TCP or UDP ports, or ICMP types or codes. */
public record Range(int first, int last) {
    /** Checks that there is a number in the range, 0 to 65535. */
    public Range {
        if (first < 0 || last < first || last > 0xffff) {
            throw new IllegalArgumentException("range " + first + "-" + last);
        }
    }

    /** A range of one number. */
    public static Range of(int only) {
        return new Range(only, only);
    }

    /** Whether a number lies in the range. */
    public boolean contains(int number) {
        return first <= number && number <= last;
    }

    /** How many leading bits, of 16, all numbers of the range have in common. */
    int prefixLength() {
        return Integer.numberOfLeadingZeros(first ^ last) - 16;
    }

    /** Whether all numbers with the leading bits of {@link #prefixLength} are in the range. */
    boolean isPrefix() {
        return last - first + 1 == 1 << (16 - prefixLength());
    }

    @Override
    public String toString() {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }
}
