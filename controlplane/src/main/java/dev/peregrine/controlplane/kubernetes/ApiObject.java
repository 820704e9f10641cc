package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parts of an object of the API server that planes need. Nothing of it is checked.
 *
 * @param name the object's name; empty where it has none
 * @param uid tells an object from a later one of the same name
 * @param version its resource version, which means something to the server only
 * @param spec its specification; a missing node where it has none
 */
record ApiObject(
        String name,
        String uid,
        String version,
        Map<String, String> labels,
        Map<String, String> annotations,
        JsonNode spec) {

    /**
     * Characters of a label or annotation that is kept: those of planes are shorter, those of others may have 256 KiB.
     */
    private static final int LONGEST_TEXT = 4096;

    /** Reads an object's {@code metadata} and {@code spec}. */
    static ApiObject of(JsonNode metadata, JsonNode spec) {
        return new ApiObject(
                metadata.path("name").asText(""),
                metadata.path("uid").asText(""),
                metadata.path("resourceVersion").asText(""),
                texts(metadata.path("labels")),
                texts(metadata.path("annotations")),
                spec);
    }

    private static Map<String, String> texts(JsonNode fields) {
        Map<String, String> texts = new LinkedHashMap<>();
        fields.properties().forEach(field -> {
            if (field.getValue().isTextual() && field.getValue().textValue().length() <= LONGEST_TEXT)
                texts.put(field.getKey(), field.getValue().textValue());
        });
        return texts;
    }
}
