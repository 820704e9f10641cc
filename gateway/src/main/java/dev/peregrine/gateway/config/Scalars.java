package dev.peregrine.gateway.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The types of single values that are not specific to networks. */
final class Scalars {

    /** Reads a value from its text; null when it is something else. */
    interface Parser<T> {
        @Nullable
        T parse(String text);
    }

    private record Scalar<T>(String expected, Parser<T> parser, Function<T, Object> printer) implements ValueType<T> {
        @Override
        public @Nullable T read(Place place, Node node) {
            T value = node instanceof ScalarNode scalar ? parser.parse(scalar.getValue()) : null;
            if (value == null) place.mismatch(node, expected);
            return value;
        }

        @Override
        public Object yaml(T value) {
            return printer.apply(value);
        }
    }

    private record Hinted<T>(ValueType<T> type, Function<String, @Nullable String> hint) implements ValueType<T> {
        @Override
        public String expected() {
            return type.expected();
        }

        @Override
        public @Nullable T read(Place place, Node node) {
            String better = node instanceof ScalarNode scalar ? hint.apply(scalar.getValue()) : null;
            if (better == null) return type.read(place, node);
            place.mismatch(node, better);
            return null;
        }

        @Override
        public Object yaml(T value) {
            return type.yaml(value);
        }
    }

    private Scalars() {}

    static <T> ValueType<T> scalar(String expected, Parser<T> parser, Function<T, Object> printer) {
        return new Scalar<>(expected, parser, printer);
    }

    /**
     * A scalar of which some texts nearly fit.
     *
     * @param hint says what is expected in the place of a text that nearly fits; null for any other text
     */
    static <T> ValueType<T> hinted(ValueType<T> type, Function<String, @Nullable String> hint) {
        return new Hinted<>(type, hint);
    }

    /** A scalar whose {@code toString} is its text in the file. */
    static <T> ValueType<T> scalar(String expected, Parser<T> parser) {
        return new Scalar<>(expected, parser, Object::toString);
    }

    static ValueType<Integer> integer(int min, int max) {
        return scalar("an integer from " + min + " to " + max, text -> parseInteger(text, min, max), value -> value);
    }

    /** An integer, or the word that stands for none. */
    static ValueType<OptionalInt> integerOr(String word, int min, int max) {
        return scalar(
                word + " or an integer from " + min + " to " + max,
                text -> {
                    if (text.equals(word)) return OptionalInt.empty();
                    Integer value = parseInteger(text, min, max);
                    return value == null ? null : OptionalInt.of(value);
                },
                value -> value.isPresent() ? (Object) value.getAsInt() : word);
    }

    static @Nullable Integer parseInteger(String text, int min, int max) {
        if (!text.matches("0|-?[1-9][0-9]{0,9}")) return null;
        long value = Long.parseLong(text);
        return value < min || value > max ? null : (Integer) (int) value;
    }

    /** {@code true} and {@code false}, or {@code on} and {@code off} as YAML 1.1 had them. */
    static ValueType<Boolean> flag() {
        return scalar("true or false", Scalars::parseFlag, value -> value);
    }

    /** As {@link #flag}, written as {@code on} or {@code off}. */
    static ValueType<Boolean> onOff() {
        return scalar("on or off", Scalars::parseFlag, value -> value ? "on" : "off");
    }

    private static @Nullable Boolean parseFlag(String text) {
        return switch (text) {
            case "true", "on" -> true;
            case "false", "off" -> false;
            default -> null;
        };
    }

    /** One constant of an enum, in lower case with hyphens. */
    static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
        E[] constants = type.getEnumConstants();
        List<String> words = Arrays.stream(constants).map(Scalars::word).toList();
        return scalar(
                either(words), text -> words.contains(text) ? constants[words.indexOf(text)] : null, Scalars::word);
    }

    /** The word of an enum's constant in the file. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** "a", "a or b", "a, b or c". */
    static String either(List<String> words) {
        int last = words.size() - 1;
        return last < 1 ? words.getFirst() : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }
}
