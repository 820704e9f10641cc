package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.Prefix;
import java.util.List;

/** The networks whose addresses may be remote VTEPs although none of them is configured: an immutable snapshot. */
public final class AllowList {
    /** Only configured VTEPs. */
    public static final AllowList NONE = new AllowList(List.of());

    /** Network and mask of each prefix, four words each: high, low, high mask, low mask. */
    private final long[] words;

    private AllowList(List<Prefix> prefixes) {
        words = new long[prefixes.size() * 4];
        int at = 0;
        for (Prefix prefix : prefixes) {
            IpAddress network = IpAddress.of(prefix.address());
            int length = prefix.length() + IpAddress.BITS - prefix.address().getAddress().length * Byte.SIZE;
            long highMask = mask(length);
            long lowMask = mask(length - Long.SIZE);
            words[at++] = network.high() & highMask;
            words[at++] = network.low() & lowMask;
            words[at++] = highMask;
            words[at++] = lowMask;
        }
    }

    /** A list of networks. */
    public static AllowList of(List<Prefix> prefixes) {
        return new AllowList(prefixes);
    }

    /** The first {@code bits} bits of a word, none when negative. */
    private static long mask(int bits) {
        return bits <= 0 ? 0 : -1L << (Long.SIZE - Math.min(bits, Long.SIZE));
    }

    /** Whether an address (see {@link IpAddress}) lies in one of the networks. */
    public boolean contains(long high, long low) {
        for (int i = 0; i < words.length; i += 4) {
            if ((high & words[i + 2]) == words[i] && (low & words[i + 3]) == words[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
