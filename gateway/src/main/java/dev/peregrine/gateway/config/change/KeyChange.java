package dev.peregrine.gateway.config.change;

import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key whose value differs.
 *
 * @param path of the key, such as {@code underlay.port}
 * @param before as YAML in one line; {@code none} without one
 * @param after likewise
 * @param needsRestart whether only a restart puts it into effect
 */
public record KeyChange(String path, String before, String after, boolean needsRestart) {

    /**
     * The keys of two records of a table that differ, those of sections by their paths, but for the keys
     * {@code except}.
     */
    static <R extends Record> List<KeyChange> of(
            Table<R> table, String path, @Nullable R before, @Nullable R after, Set<String> except) {
        List<KeyChange> changes = new ArrayList<>();
        collect(table, path, yaml(table, before), yaml(table, after), except, changes);
        return changes;
    }

    private static <R extends Record> Map<?, ?> yaml(Table<R> table, @Nullable R part) {
        return part == null ? Map.of() : (Map<?, ?>) table.yaml(part);
    }

    private static void collect(
            Table<?> table, String path, Map<?, ?> before, Map<?, ?> after, Set<String> except, List<KeyChange> into) {
        for (Key<?, ?> key : table.keys()) {
            Object old = before.get(key.name());
            Object next = after.get(key.name());
            if (Objects.equals(old, next) || except.contains(key.name())) {
                continue;
            }
            String place = path + key.name();
            if (key.type() instanceof Table<?> section
                    && old instanceof Map<?, ?> from
                    && next instanceof Map<?, ?> to) {
                collect(section, place + ".", from, to, Set.of(), into);
            } else {
                into.add(new KeyChange(place, text(old), text(next), key.effect() == Key.Effect.RESTART));
            }
        }
    }

    private static String text(@Nullable Object value) {
        return value == null ? "none" : Yaml.line(value);
    }

    Line line() {
        return new Line(path, before, after);
    }
}
