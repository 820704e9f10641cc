package dev.peregrine.gateway.config.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/** One pass over one file: the errors and warnings so far, and where each record was read. */
public final class Reading {
    /** The most errors that are reported: of a file that is wrong throughout, more help nobody. */
    public static final int MAX_ERRORS = 20;

    private final String file;
    private final List<ConfigError> errors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final IdentityHashMap<Record, Values> origins = new IdentityHashMap<>();

    /** A reading of one file; {@code file} is its name in messages. */
    public Reading(String file) {
        this.file = file;
    }

    /** Adds an error at a line: the key, the value found, the values expected. */
    public void error(int line, String key, String found, String expected) {
        errors.add(new ConfigError(file, line, key, found, expected));
    }

    /** Reports {@code key} of the record {@code part}. */
    public void error(Record part, String key, String found, String expected) {
        errors.add(errorAt(part, key, found, expected));
    }

    /**
     * Reports element {@code index} of the list {@code key} of the record {@code part}; the list must not
     * be {@link #broken}, since elements that were left out shift the others.
     */
    public void error(Record part, String key, int index, String found, String expected) {
        Values origin = origin(part);
        error(origin.line(key, index), origin.path(key) + "[" + index + "]", found, expected);
    }

    /** An error about a key of a record, with its line; it is not added. */
    public ConfigError errorAt(Record part, String key, String found, String expected) {
        Values origin = origin(part);
        return new ConfigError(file, origin.line(key), origin.path(key), found, expected);
    }

    /** Adds a warning about a key of a record. */
    public void warning(Record part, String key, String message) {
        warnings.add(warningAt(part, key, message));
    }

    /** The text of a warning about a key of a record, with its line. */
    public String warningAt(Record part, String key, String message) {
        Values origin = origin(part);
        return file + ":" + origin.line(key) + ": warning: " + origin.path(key) + ": " + message;
    }

    void readAs(Record part, Values values) {
        origins.put(part, values);
    }

    /** From now on {@code after} stands where {@code before} was read. */
    public void replaced(Record before, Record after) {
        origins.put(after, origin(before));
    }

    /** Where {@code part}, a record of this file, was read. */
    Values origin(Record part) {
        return Objects.requireNonNull(origins.get(part), "not read from this file");
    }

    /** Whether something at {@code key} of {@code part}, or within, is wrong. */
    public boolean broken(Record part, String key) {
        String path = origin(part).path(key);
        return errors.stream().anyMatch(error -> error.key().startsWith(path));
    }

    /** The errors in the file's order, at most {@link #MAX_ERRORS} and a note of how many more. */
    public List<ConfigError> errors() {
        List<ConfigError> sorted = new ArrayList<>(errors);
        sorted.sort(Comparator.comparingInt(ConfigError::line));
        if (sorted.size() <= MAX_ERRORS) return sorted;
        int more = sorted.size() - MAX_ERRORS;
        List<ConfigError> bounded = new ArrayList<>(sorted.subList(0, MAX_ERRORS));
        bounded.add(new ConfigError(
                file, 0, "", more + (more == 1 ? " more error" : " more errors"), "the ones above to be mended first"));
        return bounded;
    }

    /** The warnings so far, in the order of the file. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }
}
