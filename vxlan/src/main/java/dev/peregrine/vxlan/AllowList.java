package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.List;

/** The addresses from which this VTEP accepts datagrams: networks, or the configured VTEPs. An immutable snapshot. */
public final class AllowList {
    /** Accepts the configured VTEPs and no others. */
    public static final AllowList CONFIGURED = new AllowList(List.of(), true);

    /** Network and mask of each prefix, four words each: high, low, high mask, low mask. */
    private final long[] words;

    private final boolean admitsConfigured;

    private AllowList(List<Prefix> prefixes, boolean admitsConfigured) {
        this.admitsConfigured = admitsConfigured;
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

    /**
     * Accepts these networks and no others: a configured VTEP outside of them receives datagrams, but its own are not
     * accepted.
     */
    public static AllowList of(List<Prefix> prefixes) {
        return new AllowList(prefixes, false);
    }

    /** The first {@code bits} bits of a word, none when negative. */
    private static long mask(int bits) {
        return bits <= 0 ? 0 : -1L << (Long.SIZE - Math.min(bits, Long.SIZE));
    }

    /** Whether a VTEP is accepted because it is configured. */
    boolean admitsConfigured() {
        return admitsConfigured;
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
