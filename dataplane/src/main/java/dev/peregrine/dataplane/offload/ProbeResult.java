package dev.peregrine.dataplane.offload;

import java.util.Arrays;
import java.util.List;

/**
 * The result of comparing the frames that arrive with an offload to those that arrive without it, before traffic flows.
 *
 * @param passed false: they differ
 * @param text the difference, or why nothing was compared, or that nothing differs
 */
public record ProbeResult(boolean passed, String text) {
    /** Nothing differs. */
    public static ProbeResult same() {
        return new ProbeResult(true, "checked");
    }

    /** Nothing was compared; the offload is assumed to work. */
    public static ProbeResult notMade(String why) {
        return new ProbeResult(true, "not checked: " + why);
    }

    /** The frames differ: the offload must stay off. */
    public static ProbeResult differs(String what) {
        return new ProbeResult(false, "at start the kernel changed what was sent: " + what);
    }

    /**
     * Compares what arrives in one of {@value ProbeAttempt#MOST} attempts, byte for byte.
     *
     * @param noun the user's word for the parts, in the plural: {@code datagrams}
     */
    public static <E extends Exception> ProbeResult of(String noun, List<byte[]> plain, ProbeAttempt<E> attempt)
            throws E {
        return of(
                noun,
                plain,
                attempt.carryUntil(arrived -> of(noun, plain, arrived).passed()));
    }

    /**
     * Compares byte for byte.
     *
     * @param noun the user's word for the parts, in the plural: {@code datagrams}
     */
    public static ProbeResult of(String noun, List<byte[]> plain, List<byte[]> offloaded) {
        if (plain.size() != offloaded.size()) {
            return differs("%d %s became %d".formatted(plain.size(), noun, offloaded.size()));
        }
        for (int i = 0; i < plain.size(); i++) {
            int at = Arrays.mismatch(plain.get(i), offloaded.get(i));
            if (at >= 0) {
                return differs("of %d %s, number %d differs at byte %d".formatted(plain.size(), noun, i + 1, at));
            }
        }
        return same();
    }
}
