package dev.peregrine.gateway.config.schema;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of values with a unit: durations and sizes. */
public final class Quantities {
    private static final String AMOUNT = "(0|[1-9][0-9]{0,11})";
    private static final Pattern QUANTITY = Pattern.compile(AMOUNT + "([A-Za-z]*)");
    private static final Map<String, Object> DURATION = JsonSchema.text(AMOUNT + "(ms|s|m|h)");

    private Quantities() {}

    /** {@code 300s}, {@code 500ms}, {@code 5m} or {@code 1h}; zero, also without a unit, means what the key says. */
    public static ValueType<Duration> durationOrZero(Duration min, Duration max) {
        return Scalars.scalar(
                "0 (never) or a duration from " + text(min) + " to " + text(max) + ", with the unit ms, s, m or h",
                JsonSchema.either(List.of(JsonSchema.oneOf(List.of(0, "0")), DURATION)),
                text -> {
                    Duration value = text.equals("0") ? Duration.ZERO : parseDuration(text);
                    if (value == null || value.isZero()) return value;
                    return value.compareTo(min) < 0 || value.compareTo(max) > 0 ? null : value;
                },
                Quantities::text);
    }

    /** A duration that is not zero. */
    public static Scalars.Scalar<Duration> duration(Duration min, Duration max) {
        return Scalars.scalar(
                "a duration from " + text(min) + " to " + text(max) + ", with the unit ms, s, m or h",
                DURATION,
                text -> {
                    Duration value = parseDuration(text);
                    return value == null || value.compareTo(min) < 0 || value.compareTo(max) > 0 ? null : value;
                },
                Quantities::text);
    }

    private static @Nullable Duration parseDuration(String text) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) return null;
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> null;
        };
    }

    private static String text(Duration value) {
        if (value.isZero()) return "0";
        return value.toMillisPart() == 0 ? value.toSeconds() + "s" : value.toMillis() + "ms";
    }

    /** Bytes, with an optional unit: {@code 65536}, {@code 64KiB}, {@code 8MiB}, {@code 1GiB}. */
    public static ValueType<Long> size(long min, long max) {
        return Scalars.scalar(
                "a size from " + text(min) + " to " + text(max) + ", in bytes or with the unit KiB, MiB or GiB",
                JsonSchema.either(List.of(JsonSchema.integer(min, max), JsonSchema.text(AMOUNT + "([KMG]iB)?"))),
                text -> {
                    Long value = parseSize(text);
                    return value == null || value < min || value > max ? null : value;
                },
                Quantities::text);
    }

    private static @Nullable Long parseSize(String text) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) return null;
        int shift = switch (matcher.group(2)) {
            case "" -> 0;
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> -1;
        };
        // Twelve digits and 30 bits can pass 2^63: refused like any size that is too large.
        long amount = Long.parseLong(matcher.group(1));
        return shift < 0 || amount > Long.MAX_VALUE >> shift ? null : (Long) (amount << shift);
    }

    private static String text(long bytes) {
        int unit = bytes == 0 ? 0 : Math.min(3, Long.numberOfTrailingZeros(bytes) / 10);
        return (bytes >> (10 * unit)) + new String[] {"", "KiB", "MiB", "GiB"}[unit];
    }
}
