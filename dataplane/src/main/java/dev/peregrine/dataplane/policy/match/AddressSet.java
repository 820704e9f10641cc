package dev.peregrine.dataplane.policy.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of IP addresses, given by networks of both families. Immutable; a named set is one object that its rules
 * share. Membership is a binary search over disjoint ranges.
 */
public final class AddressSet {
    private final List<Network> networks;
    private final long[] ranges4;
    private final long[] ranges6;

    /** The addresses of all the networks, which may overlap; none gives a set that holds nothing. */
    public AddressSet(List<Network> networks) {
        this.networks = List.copyOf(networks);
        ranges4 = ranges(4);
        ranges6 = ranges(6);
    }

    /** The networks as they were given. */
    public List<Network> networks() {
        return networks;
    }

    /** The networks of one family. */
    List<Network> networks(int family) {
        return networks.stream().filter(network -> network.family() == family).toList();
    }

    /** Whether the set holds an address, in the form of {@link Network}. */
    boolean contains(int family, long high, long low) {
        long[] ranges = family == 4 ? ranges4 : family == 6 ? ranges6 : null;
        if (ranges == null) {
            return false;
        }
        int below = 0;
        int above = ranges.length >> 2;
        while (below < above) { // the first range that does not end before the address
            int middle = (below + above) >>> 1;
            if (isLess(ranges[4 * middle + 2], ranges[4 * middle + 3], high, low)) {
                below = middle + 1;
            } else {
                above = middle;
            }
        }
        int at = 4 * below;
        return at < ranges.length && !isLess(high, low, ranges[at], ranges[at + 1]);
    }

    private static int order(Network one, Network other) {
        int high = Long.compareUnsigned(one.high(), other.high());
        int order = high != 0 ? high : Long.compareUnsigned(one.low(), other.low());
        return order != 0 ? order : Integer.compare(one.length(), other.length());
    }

    private static boolean isLess(long high, long low, long otherHigh, long otherLow) {
        int order = Long.compareUnsigned(high, otherHigh);
        return order < 0 || (order == 0 && Long.compareUnsigned(low, otherLow) < 0);
    }

    /** First and last address of each range, two longs each, ascending and disjoint. */
    private long[] ranges(int family) {
        List<Network> sorted = new ArrayList<>(networks(family));
        sorted.sort(AddressSet::order);
        long[] ranges = new long[4 * sorted.size()];
        int size = 0;
        for (Network network : sorted) { // networks nest or are disjoint: a later one is inside the last or behind it
            if (size == 0 || isLess(ranges[size - 2], ranges[size - 1], network.high(), network.low())) {
                ranges[size++] = network.high();
                ranges[size++] = network.low();
                ranges[size++] = network.lastHigh();
                ranges[size++] = network.lastLow();
            }
        }
        return Arrays.copyOf(ranges, size);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof AddressSet set && set.networks.equals(networks));
    }

    @Override
    public int hashCode() {
        return networks.hashCode();
    }

    @Override
    public String toString() {
        return networks.toString();
    }
}
