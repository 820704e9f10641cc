package dev.peregrine.gateway.config.schema;

import dev.peregrine.gateway.config.schema.Key.Effect;
import dev.peregrine.gateway.config.schema.Key.Presence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of the file that becomes a record: its keys, in the order of the record's components.
 * Reading reports everything that is wrong with it, and gives no record if a required key is missing or
 * wrong; a wrong value with a default counts as the default from there on.
 */
public final class Table<R extends Record> implements ValueType<R> {
    private final String title;
    private final Function<Values, R> create;
    private final Map<String, Key<R, ?>> keys = new LinkedHashMap<>();
    private Predicate<String> needsRestart = key -> false;

    /** @param title the mapping's place in the file, as the reference names it */
    public Table(String title, Function<Values, R> create) {
        this.title = title;
        this.create = create;
    }

    /**
     * Says, before they are added, of which keys a changed value takes a restart: of these, or of all if none is named.
     */
    public Table<R> takesRestart(String... names) {
        needsRestart = names.length == 0 ? key -> true : Set.of(names)::contains;
        return this;
    }

    private Effect effect(String name) {
        return needsRestart.test(name) ? Effect.RESTART : Effect.RELOAD;
    }

    /** Adds a key that must be given. */
    public <T> Key<R, T> required(String name, ValueType<T> type, Function<R, T> of, String meaning) {
        return add(new Key<>(name, type, Presence.REQUIRED, null, of, meaning, effect(name)));
    }

    /** Adds a key that may be absent and has no default. */
    public <T> Key<R, Optional<T>> optional(
            String name, ValueType<T> type, Function<R, Optional<T>> of, String meaning) {
        return add(new Key<>(name, new Maybe<>(type), Presence.OPTIONAL, null, of, meaning, effect(name)));
    }

    /** A key that may be left out, and then has {@code value}. */
    public <T> Key<R, T> defaulted(String name, ValueType<T> type, T value, Function<R, T> of, String meaning) {
        return add(new Key<>(name, type, Presence.DEFAULTED, type.yaml(value), of, meaning, effect(name)));
    }

    /** A key that may be left out, and then is read as if {@code word} stood there. */
    public <T> Key<R, T> defaultedTo(String word, String name, ValueType<T> type, Function<R, T> of, String meaning) {
        return add(new Key<>(name, type, Presence.DEFAULTED, word, of, meaning, effect(name)));
    }

    /** A mapping of which every key has a default, so that it may be left out itself. */
    public <P extends Record> Key<R, P> section(String name, Table<P> table, Function<R, P> of, String meaning) {
        return add(new Key<>(name, table, Presence.DEFAULTED, Map.of(), of, meaning, effect(name)));
    }

    private <T> Key<R, T> add(Key<R, T> key) {
        keys.put(key.name(), key);
        return key;
    }

    /** The name of the table: the path of its section, or what it describes. */
    public String title() {
        return title;
    }

    /** All keys, in the order in which they are printed. */
    public List<Key<R, ?>> keys() {
        return List.copyOf(keys.values());
    }

    @Override
    public String expected() {
        return "a mapping with the keys " + String.join(", ", keys.keySet());
    }

    @Override
    public @Nullable R read(Place place, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            place.mismatch(node, expected());
            return null;
        }
        Values values = new Values(place, mapping);
        collect(mapping, values);
        for (Key<R, ?> key : keys.values()) read(key, values);
        try {
            R part = create.apply(values);
            place.reading().readAs(part, values);
            return part;
        } catch (Values.Incomplete reported) {
            return null;
        }
    }

    private void collect(MappingNode mapping, Values values) {
        for (NodeTuple pair : mapping.getValue()) {
            Node keyNode = pair.getKeyNode();
            String name = keyNode instanceof ScalarNode scalar ? scalar.getValue() : Place.describe(keyNode);
            int line = values.place().line(keyNode);
            Node earlier = values.node(name);
            if (!keys.containsKey(name)) {
                values.place().reading().error(line, values.path(name), "an unknown key", expectedKey(name));
            } else if (earlier != null) {
                String found = "the key again, after line " + Place.lineOf(earlier);
                values.place().reading().error(line, values.path(name), found, "it once");
            } else {
                values.given(name, pair.getValueNode());
            }
        }
    }

    private String expectedKey(String name) {
        String all = "one of " + String.join(", ", keys.keySet());
        return Nearest.to(name, keys.keySet())
                .map(nearest -> all + " (did you mean " + nearest + "?)")
                .orElse(all);
    }

    private <T> void read(Key<R, T> key, Values values) {
        Node node = values.node(key.name());
        Place place = values.place().key(values, key.name(), values.place().defaultLine());
        if (node != null) {
            T value = key.type().read(place, node);
            if (value != null) {
                values.value(key.name(), value);
                return;
            }
        } else if (key.presence() == Presence.REQUIRED) {
            place.reading()
                    .error(values.line(), place.path(), "nothing", key.type().expected());
        }
        if (key.presence() == Presence.OPTIONAL) values.value(key.name(), Optional.empty());
        if (key.presence() == Presence.DEFAULTED) readDefault(key, values);
    }

    private <T> void readDefault(Key<R, T> key, Values values) {
        Place place = values.place().key(values, key.name(), Math.max(1, values.line()));
        T value = key.type().read(place, Yaml.read(key.defaultText()));
        if (value != null) values.value(key.name(), value);
    }

    @Override
    public Map<String, Object> schema(JsonSchema document) {
        return document.reference(this);
    }

    @Override
    public Object yaml(R part) {
        Map<String, Object> mapping = new LinkedHashMap<>();
        for (Key<R, ?> key : keys.values()) {
            Object value = key.yaml(part);
            if (value != null) mapping.put(key.name(), value);
        }
        return mapping;
    }

    /** A value that may be absent. */
    private record Maybe<T>(ValueType<T> type) implements ValueType<Optional<T>> {
        @Override
        public String expected() {
            return type.expected();
        }

        @Override
        @SuppressWarnings("NullableOptional") // null: not readable; empty: absent
        public @Nullable Optional<T> read(Place place, Node node) {
            T value = type.read(place, node);
            return value == null ? null : Optional.of(value);
        }

        @Override
        public Map<String, Object> schema(JsonSchema document) {
            return type.schema(document);
        }

        @Override
        public Object yaml(Optional<T> value) {
            return type.yaml(value.orElseThrow());
        }
    }
}
