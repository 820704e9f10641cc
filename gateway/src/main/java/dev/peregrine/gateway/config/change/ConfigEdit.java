package dev.peregrine.gateway.config.change;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An edit of a configuration as its file would be edited: so what a command adds is written, read and checked as in a
 * file.
 */
public final class ConfigEdit {
    private final String source;
    private final Set<String> warningsBefore;
    private final Map<String, Object> top;

    /**
     * Begins an edit.
     *
     * @param source what edits, in messages
     */
    public ConfigEdit(String source, GatewayConfig config) throws BadConfig {
        this.source = source;
        String text = ConfigFile.effective(config);
        warningsBefore = ConfigFile.parse(source, text).warnings().stream()
                .map(ConfigEdit::withoutLine)
                .collect(Collectors.toSet());
        top = mapping(Yaml.value(text));
    }

    /** A mapping of the tree, which can be changed. */
    @SuppressWarnings("unchecked") // keys are texts in what was written by the key tables
    private static Map<String, Object> mapping(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    /** The list of a mapping, as a copy. */
    private static List<Object> list(Map<String, Object> holder, String key) {
        return holder.get(key) instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
    }

    /** The underlay. */
    public Map<String, Object> underlay() {
        return mapping(top.get("underlay"));
    }

    /** The whole file. */
    public Map<String, Object> top() {
        return top;
    }

    /** A VNI; null when there is none. */
    public @Nullable Map<String, Object> vni(int number) {
        for (Object vni : list(top, "vnis")) {
            if (mapping(vni).get("vni") instanceof Integer its && its == number) {
                return mapping(vni);
            }
        }
        return null;
    }

    /** The VNI that has a port; null when there is no such port. */
    public @Nullable Map<String, Object> vniOfPort(String name) {
        for (Object vni : list(top, "vnis")) {
            for (Object port : list(mapping(vni), "ports")) {
                if (isCalled(port, name)) {
                    return mapping(vni);
                }
            }
        }
        return null;
    }

    /** Whether a port, as it stands in the list of its VNI, has a name. */
    public static boolean isCalled(Object port, String name) {
        return port instanceof Map<?, ?> its && name.equals(String.valueOf(its.get("name")));
    }

    /** Adds an element to a list of a mapping. */
    public static void add(Map<String, Object> holder, String key, @Nullable Object element) {
        List<@Nullable Object> list = new ArrayList<>(list(holder, key));
        list.add(element);
        holder.put(key, list);
    }

    /** Removes elements of a list of a mapping; false when there is none. */
    public static boolean remove(Map<String, Object> holder, String key, Predicate<Object> which) {
        List<Object> list = list(holder, key);
        boolean removed = list.removeIf(which);
        holder.put(key, list);
        return removed;
    }

    /** The configuration after the edit. */
    public ConfigFile read() throws BadConfig {
        try {
            return ConfigFile.parse(source, Yaml.write(top));
        } catch (BadConfig bad) { // lines of a text that nobody has
            throw new BadConfig(bad.errors().stream()
                    .map(error -> new ConfigError(source, 0, error.key(), error.found(), error.expected()))
                    .toList());
        }
    }

    /** The warnings that the edit has caused. */
    public List<String> newWarnings(ConfigFile after) {
        return after.warnings().stream()
                .map(ConfigEdit::withoutLine)
                .filter(warning -> !warningsBefore.contains(warning))
                .toList();
    }

    private static String withoutLine(String warning) {
        return warning.replaceFirst(":[0-9]+: warning", ": warning");
    }
}
