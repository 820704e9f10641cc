package dev.peregrine.gateway.config.value;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TCP flags that must be set or clear.
 *
 * @param mask the flags that count, FIN in the lowest bit
 * @param value what they must be
 */
public record TcpFlags(int mask, int value) {
    /** The flags by their bits, FIN first. */
    public static final List<String> NAMES = List.of("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr");

    /** Reads {@code syn,!ack}; null when it is something else. */
    public static @Nullable TcpFlags parse(String text) {
        int mask = 0;
        int value = 0;
        for (String word : text.split(",", -1)) {
            boolean clear = word.startsWith("!");
            int index = NAMES.indexOf(clear ? word.substring(1) : word);
            if (index < 0 || (mask & (1 << index)) != 0) return null;
            mask |= 1 << index;
            value |= clear ? 0 : 1 << index;
        }
        return new TcpFlags(mask, value);
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        for (int index = 0; index < NAMES.size(); index++) {
            if ((mask & (1 << index)) != 0) words.add(((value & (1 << index)) == 0 ? "!" : "") + NAMES.get(index));
        }
        return String.join(",", words);
    }
}
