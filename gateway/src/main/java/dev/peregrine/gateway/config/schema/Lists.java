package dev.peregrine.gateway.config.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The types of lists. */
public final class Lists {
    /** Stands for a list that the gateway makes itself. */
    private static final String AUTO = "auto";

    private static final int HIGHEST_CPU = 4095;

    private Lists() {}

    /** A list; elements that are wrong are reported and left out. */
    public static <T> ValueType<List<T>> listOf(ValueType<T> element) {
        return new ListType<>(element);
    }

    /** A list, or {@code auto} for none given. */
    public static <T> ValueType<Optional<List<T>>> listOrAuto(ValueType<T> element) {
        return new ListOrAuto<>(new ListType<>(element));
    }

    /** CPU numbers and ranges of them, {@code [0, 2-3]}, or {@code auto} for an empty list. */
    public static ValueType<List<Integer>> cpus() {
        return new CpuList();
    }

    private static boolean isAuto(Node node) {
        return node instanceof ScalarNode scalar && scalar.getValue().equals(AUTO);
    }

    /** A list whose elements all have one type. */
    public record ListType<T>(ValueType<T> element) implements ValueType<List<T>> {
        @Override
        public String expected() {
            return "a list, each element " + element.expected();
        }

        @Override
        public @Nullable List<T> read(Place place, Node node) {
            if (!(node instanceof SequenceNode sequence)) {
                place.mismatch(node, expected());
                return null;
            }
            List<T> values = new ArrayList<>();
            List<Node> nodes = sequence.getValue();
            for (int i = 0; i < nodes.size(); i++) {
                T value = element.read(place.element(i), nodes.get(i));
                if (value != null) values.add(value);
            }
            return values;
        }

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return JsonSchema.list(element.schema(document));
        }

        @Override
        public Object yaml(List<T> values) {
            return values.stream().map(element::yaml).toList();
        }
    }

    private record ListOrAuto<T>(ListType<T> list) implements ValueType<Optional<List<T>>> {
        @Override
        public String expected() {
            return AUTO + " or " + list.expected();
        }

        @Override
        @SuppressWarnings("NullableOptional") // null: not readable; empty: absent
        public @Nullable Optional<List<T>> read(Place place, Node node) {
            if (isAuto(node)) return Optional.empty();
            if (!(node instanceof SequenceNode)) {
                place.mismatch(node, expected());
                return null;
            }
            return Optional.ofNullable(list.read(place, node));
        }

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return JsonSchema.either(List.of(JsonSchema.oneOf(List.of(AUTO)), list.schema(document)));
        }

        @Override
        public Object yaml(Optional<List<T>> values) {
            return values.isPresent() ? list.yaml(values.get()) : AUTO;
        }
    }

    private record CpuList() implements ValueType<List<Integer>> {
        private static final String ELEMENT = "a CPU number or a range such as 2-3, each CPU once";

        @Override
        public String expected() {
            return AUTO + " or a list of CPU numbers and ranges such as [0, 2-3]";
        }

        @Override
        public @Nullable List<Integer> read(Place place, Node node) {
            if (isAuto(node)) return List.of();
            if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
                place.mismatch(node, expected());
                return null;
            }
            Set<Integer> cpus = new LinkedHashSet<>();
            for (int i = 0; i < sequence.getValue().size(); i++) {
                Node element = sequence.getValue().get(i);
                if (!addRange(element, cpus)) place.element(i).mismatch(element, ELEMENT);
            }
            return List.copyOf(cpus);
        }

        private static boolean addRange(Node node, Set<Integer> cpus) {
            if (!(node instanceof ScalarNode scalar)) return false;
            String[] ends = scalar.getValue().split("-", 2);
            Integer first = Scalars.parseInteger(ends[0], 0, HIGHEST_CPU);
            Integer last = Scalars.parseInteger(ends[ends.length - 1], 0, HIGHEST_CPU);
            if (first == null || last == null || last < first) return false;
            boolean fresh = true;
            for (int cpu = first; cpu <= last; cpu++) fresh &= cpus.add(cpu);
            return fresh;
        }

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            Map<String, Object> element =
                    JsonSchema.either(List.of(JsonSchema.integer(0, HIGHEST_CPU), JsonSchema.text("[0-9]+-[0-9]+")));
            return JsonSchema.either(List.of(JsonSchema.oneOf(List.of(AUTO)), JsonSchema.list(element)));
        }

        @Override
        public Object yaml(List<Integer> cpus) {
            return cpus.isEmpty() ? AUTO : cpus;
        }
    }
}
