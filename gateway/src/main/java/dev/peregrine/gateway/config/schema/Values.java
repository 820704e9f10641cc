package dev.peregrine.gateway.config.schema;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The values read from one mapping, and where they stand. */
public final class Values {

    /** A value that the record cannot be made without was wrong; it has been reported. */
    static final class Incomplete extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Incomplete() {
            super("a required value is missing", null, false, false);
        }
    }

    private final Place place;
    private final int line;
    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, Node> given = new HashMap<>();

    Values(Place place, Node mapping) {
        this.place = place;
        this.line = place.line(mapping);
    }

    void given(String name, Node node) {
        given.put(name, node);
    }

    void value(String name, Object value) {
        values.put(name, value);
    }

    /** The value of {@code key}; throws {@link Incomplete} where there is none. */
    @SuppressWarnings("unchecked")
    public // a key's value was read by the key's own type
    <T> T get(Key<?, T> key) {
        Object value = values.get(key.name());
        if (value == null) throw new Incomplete();
        return (T) value;
    }

    /** The mapping that this one stands in. */
    public Values around() {
        return Objects.requireNonNull(place.around(), "at the top");
    }

    @Nullable
    Node node(String name) {
        return given.get(name);
    }

    Place place() {
        return place;
    }

    int line() {
        return line;
    }

    String path(String name) {
        return place.path().isEmpty() ? name : place.path() + "." + name;
    }

    int line(String name) {
        Node node = given.get(name);
        return node == null ? line : place.line(node);
    }

    int line(String name, int index) {
        return given.get(name) instanceof SequenceNode list
                ? place.line(list.getValue().get(index))
                : line(name);
    }
}
