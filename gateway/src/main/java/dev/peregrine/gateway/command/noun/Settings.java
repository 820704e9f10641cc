package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Keys of the configuration file with their values, as words behind a command, made into a mapping in YAML. */
final class Settings {
    /** Keys whose values are lists; one may be written without brackets. */
    private static final Set<String> LISTS = Set.of("addresses", "routes", "neighbours", "flood", "fdb", "ports");

    private Settings() {}

    /**
     * A mapping of words in pairs, behind what {@code begin} has, such as {@code name: web}; empty text for nothing at
     * all.
     */
    static String mapping(String begin, List<String> words) throws CommandFailed {
        StringBuilder yaml = new StringBuilder(begin);
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String key = rest.next();
            if (!key.matches("[A-Za-z]+")) throw Words.usage(key, "a key of the configuration file");
            if (!rest.hasNext()) throw Words.usage("nothing behind " + key, "its value");
            String value = rest.next();
            boolean isBare = LISTS.contains(key) && !value.startsWith("[");
            yaml.append(yaml.isEmpty() ? "" : ", ").append(key).append(": ");
            yaml.append(isBare ? "[" + value + "]" : value);
        }
        return yaml.isEmpty() ? "" : "{" + yaml + "}";
    }
}
