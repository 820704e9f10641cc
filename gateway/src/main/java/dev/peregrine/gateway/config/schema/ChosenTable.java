package dev.peregrine.gateway.config.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping whose key {@code type} says which of several tables reads it. */
public final class ChosenTable<T> implements ValueType<T> {
    private static final String TYPE = "type";

    private final Class<T> common;
    private final Function<T, String> typeOf;
    private final Map<String, Choice<?>> choices = new LinkedHashMap<>();
    private final String words;

    /**
     * One of the tables.
     *
     * @param word the value of {@code type} that chooses it
     * @param record what it reads
     */
    public record Choice<R extends Record>(String word, Class<R> record, Table<R> table) {
        private Object yaml(Object value) {
            return table.yaml(record.cast(value));
        }
    }

    /**
     * A mapping of one of several types.
     *
     * @param common what the records of all tables are
     * @param typeOf the word of a value's type
     */
    public ChosenTable(Class<T> common, Function<T, String> typeOf, List<Choice<?>> choices) {
        this.common = common;
        this.typeOf = typeOf;
        choices.forEach(choice -> this.choices.put(choice.word(), choice));
        words = Scalars.either(List.copyOf(this.choices.keySet()));
    }

    /** The words of all types. */
    public Set<String> types() {
        return choices.keySet();
    }

    @Override
    public String expected() {
        return "a mapping with the key " + TYPE + ": " + words;
    }

    @Override
    public @Nullable T read(Place place, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            place.mismatch(node, expected());
            return null;
        }
        Node type = mapping.getValue().stream()
                .filter(pair -> pair.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals(TYPE))
                .map(NodeTuple::getValueNode)
                .findFirst()
                .orElse(null);
        String word = type instanceof ScalarNode scalar ? scalar.getValue() : "";
        Choice<?> choice = choices.get(word);
        if (choice != null) return common.cast(choice.table.read(place, node));
        String found = type == null ? "nothing" : Place.describe(type);
        place.reading().error(place.line(type == null ? node : type), place.path() + "." + TYPE, found, words);
        return null;
    }

    @Override
    public Object yaml(T value) {
        return Objects.requireNonNull(choices.get(typeOf.apply(value))).yaml(value);
    }

    @Override
    public Map<String, Object> schema(JsonSchema document) {
        Map<String, Table<?>> tables = new LinkedHashMap<>();
        choices.forEach((word, choice) -> tables.put(word, choice.table));
        return document.chosenBy(TYPE, tables);
    }
}
