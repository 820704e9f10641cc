package dev.peregrine.gateway.config.schema;

import dev.peregrine.dataplane.packet.EnumWord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The types of single values that are not specific to networks. */
public final class Scalars {

    /** Reads a value from its text; null when it is something else. */
    public interface Parser<T> {
        @Nullable
        T parse(String text);
    }

    /** A value of one text. */
    public record Scalar<T>(String expected, Map<String, Object> schema, Parser<T> parser, Function<T, Object> printer)
            implements ValueType<T> {
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

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return schema;
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

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return type.schema(document);
        }
    }

    private Scalars() {}

    /**
     * A value of one text.
     *
     * @param expected see {@link ValueType#expected}
     * @param schema the texts as a JSON Schema
     */
    public static <T> Scalar<T> scalar(
            String expected, Map<String, Object> schema, Parser<T> parser, Function<T, Object> printer) {
        return new Scalar<>(expected, schema, parser, printer);
    }

    /** A scalar whose {@code toString} is its text in the file. */
    public static <T> Scalar<T> scalar(String expected, Map<String, Object> schema, Parser<T> parser) {
        return new Scalar<>(expected, schema, parser, Object::toString);
    }

    /**
     * A scalar of which some texts nearly fit.
     *
     * @param hint says what is expected in the place of a text that nearly fits; null for any other text
     */
    public static <T> ValueType<T> hinted(ValueType<T> type, Function<String, @Nullable String> hint) {
        return new Hinted<>(type, hint);
    }

    /** A scalar, or the word that stands for none. */
    public static <T> ValueType<Optional<T>> orWord(String word, Scalar<T> type) {
        return scalar(
                word + " or " + type.expected(),
                JsonSchema.either(List.of(JsonSchema.oneOf(List.of(word)), type.schema())),
                text -> {
                    if (text.equals(word)) return Optional.empty();
                    T value = type.parser().parse(text);
                    return value == null ? null : Optional.of(value);
                },
                value -> value.map(type::yaml).orElse(word));
    }

    /** An integer within a range, both ends included. */
    public static Scalar<Integer> integer(int min, int max) {
        return scalar(
                "an integer from " + min + " to " + max,
                JsonSchema.integer(min, max),
                text -> parseInteger(text, min, max),
                value -> value);
    }

    /** An integer, or the word that stands for none. */
    public static ValueType<OptionalInt> integerOr(String word, int min, int max) {
        ValueType<Optional<Integer>> type = orWord(word, integer(min, max));
        return converted(
                type,
                value -> value.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                value -> value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty());
    }

    /** An integer, or the word that stands for a number outside of the range. */
    public static ValueType<Integer> integerOr(String word, int wordsNumber, int min, int max) {
        return converted(
                orWord(word, integer(min, max)),
                value -> value.orElse(wordsNumber),
                value -> value == wordsNumber ? Optional.empty() : Optional.of(value));
    }

    /**
     * A type whose values the records hold in another form.
     *
     * @param in makes that form of what was read
     * @param out makes what is written of that form
     */
    public static <S, T> ValueType<T> converted(ValueType<S> type, Function<S, T> in, Function<T, S> out) {
        return new Converted<>(type, in, out);
    }

    private record Converted<S, T>(ValueType<S> type, Function<S, T> in, Function<T, S> out) implements ValueType<T> {
        @Override
        public String expected() {
            return type.expected();
        }

        @Override
        public @Nullable T read(Place place, Node node) {
            S value = type.read(place, node);
            return value == null ? null : in.apply(value);
        }

        @Override
        public Object yaml(T value) {
            return type.yaml(out.apply(value));
        }

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return type.schema(document);
        }
    }

    /** Reads a decimal integer within a range; null when it is something else. */
    public static @Nullable Integer parseInteger(String text, int min, int max) {
        if (!text.matches("0|-?[1-9][0-9]{0,9}")) return null;
        long value = Long.parseLong(text);
        return value < min || value > max ? null : (Integer) (int) value;
    }

    /** {@code true} and {@code false}, or {@code on} and {@code off} as YAML 1.1 had them. */
    public static ValueType<Boolean> flag() {
        return flag("true or false", value -> value);
    }

    /** As {@link #flag}, written as {@code on} or {@code off}. */
    public static ValueType<Boolean> onOff() {
        return flag("on or off", value -> value ? "on" : "off");
    }

    private static ValueType<Boolean> flag(String expected, Function<Boolean, Object> printer) {
        Map<String, Object> schema = JsonSchema.oneOf(List.of(true, false, "on", "off"));
        return scalar(expected, schema, Scalars::parseFlag, printer);
    }

    private static @Nullable Boolean parseFlag(String text) {
        return switch (text) {
            case "true", "on" -> true;
            case "false", "off" -> false;
            default -> null;
        };
    }

    /** One constant of an enum, by its {@link EnumWord}. */
    public static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
        List<String> words = EnumWord.all(type);
        return scalar(
                either(words),
                JsonSchema.oneOf(words),
                text -> EnumWord.find(type, text).orElse(null),
                EnumWord::of);
    }

    /** "a", "a or b", "a, b or c". */
    public static String either(List<String> words) {
        int last = words.size() - 1;
        return last < 1 ? words.getFirst() : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }
}
