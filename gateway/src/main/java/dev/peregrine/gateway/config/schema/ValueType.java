package dev.peregrine.gateway.config.schema;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** A kind of value: how it is read from YAML, written back, and described. */
public interface ValueType<T> {

    /** The values that may stand in the file, as the end of "expected …": "an integer from 1 to 65535". */
    String expected();

    /** The value of {@code node}; null after reporting to {@code place} that it is something else. */
    @Nullable
    T read(Place place, Node node);

    /** The value as YAML: String, Integer, Boolean, List or Map. */
    Object yaml(T value);

    /**
     * The values as a JSON Schema, for {@code document}, which gets the mappings among them. It may take more than
     * {@link #read} does, and wants numbers without quotes.
     */
    Map<String, Object> schema(JsonSchema document);
}
