package dev.peregrine.gateway.config.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A JSON Schema (draft 2020-12) of a mapping, for editors: made of the same tables that read the file. Each mapping is
 * a definition that others refer to. It says what a key may hold, not what several keys demand of each other.
 */
public final class JsonSchema {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");

    private final Map<String, Object> definitions = new LinkedHashMap<>();

    private JsonSchema() {}

    /** The schema of a file whose top is {@code root}, as maps and lists that any JSON writer prints. */
    public static Map<String, Object> of(Table<?> root, String title) {
        JsonSchema document = new JsonSchema();
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", DIALECT);
        schema.put("title", title);
        schema.putAll(document.mapping(root));
        schema.put("$defs", document.definitions);
        return schema;
    }

    /** A reference to the definition of a table, which is added when it is not there yet. */
    Map<String, Object> reference(Table<?> table) {
        String name = table.title().replaceAll("[^A-Za-z]+", "-").replaceAll("-$", "");
        if (!definitions.containsKey(name)) {
            definitions.put(name, Map.of());
            definitions.put(name, mapping(table));
        }
        return Map.of("$ref", "#/$defs/" + name);
    }

    /** A mapping whose key {@code name} says by a word which of the tables has the others. */
    public Map<String, Object> chosenBy(String name, Map<String, Table<?>> tables) {
        List<Map<String, Object>> choices = new ArrayList<>();
        tables.forEach((word, table) -> choices.add(ordered(
                "if",
                ordered("properties", Map.of(name, oneOf(List.of(word))), "required", List.of(name)),
                "then",
                reference(table))));
        Map<String, Object> words = Map.of(name, oneOf(List.copyOf(tables.keySet())));
        return ordered("type", "object", "properties", words, "required", List.of(name), "allOf", choices);
    }

    private <R extends Record> Map<String, Object> mapping(Table<R> table) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Key<R, ?> key : table.keys()) {
            properties.put(key.name(), property(key));
            if (key.presence() == Key.Presence.REQUIRED) required.add(key.name());
        }
        Map<String, Object> mapping = new LinkedHashMap<>();
        mapping.put("type", "object");
        mapping.put("properties", properties);
        if (!required.isEmpty()) mapping.put("required", required);
        mapping.put("additionalProperties", false);
        return mapping;
    }

    private Map<String, Object> property(Key<?, ?> key) {
        Map<String, Object> property = new LinkedHashMap<>(key.type().schema(this));
        property.put("description", description(key));
        if (key.byDefault() != null) property.put("default", key.byDefault());
        return property;
    }

    /** The key's meaning without links, and of values what is expected: units have no other place. */
    private static String description(Key<?, ?> key) {
        String meaning = LINK.matcher(key.meaning()).replaceAll("$1").replace("; see below", "");
        if (isOfMappings(key.type())) return meaning;
        String change = key.effect() == Key.Effect.RESTART ? " A change takes a restart." : "";
        return meaning + " Expected: " + key.type().expected() + "." + change;
    }

    private static boolean isOfMappings(ValueType<?> type) {
        return type instanceof Table<?> || type instanceof Lists.ListType<?>(Table<?> element);
    }

    // ---- the parts that types are made of -------------------------------------------------------------------

    /** An integer within a range, both ends included. */
    public static Map<String, Object> integer(long min, long max) {
        return ordered("type", "integer", "minimum", min, "maximum", max);
    }

    /** A text that a regular expression of ECMA-262 describes from end to end. */
    public static Map<String, Object> text(String pattern) {
        return ordered("type", "string", "pattern", "^(" + pattern + ")$");
    }

    /** One of a few words. */
    public static Map<String, Object> oneOf(List<?> values) {
        return ordered("enum", values);
    }

    /** The union of several schemas. */
    public static Map<String, Object> either(List<Map<String, Object>> schemas) {
        return ordered("anyOf", schemas);
    }

    static Map<String, Object> list(Map<String, Object> element) {
        return ordered("type", "array", "items", element);
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> schema = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            schema.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return schema;
    }
}
