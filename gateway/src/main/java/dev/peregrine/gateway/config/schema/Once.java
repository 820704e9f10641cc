package dev.peregrine.gateway.config.schema;

import java.util.HashMap;
import java.util.Map;

/** Values that may occur once; a second one is reported with the line of the first. */
public final class Once<T> {
    private final Reading reading;
    private final String expected;
    private final Map<T, Integer> firstLines = new HashMap<>();

    /** None yet; {@code expected} is the text of the error about a second one. */
    public Once(Reading reading, String expected) {
        this.reading = reading;
        this.expected = expected;
    }

    /** Adds the value of a key, or reports that it occurs again. */
    public void add(Record part, String key, T value, String text) {
        Integer first = firstLines.putIfAbsent(value, reading.origin(part).line(key));
        if (first != null) reading.error(part, key, text + " again, after line " + first, expected);
    }

    /** Adds an element of a key's list, or reports that it occurs again. */
    public void add(Record part, String key, int index, T value, String text) {
        Integer first = firstLines.putIfAbsent(value, reading.origin(part).line(key, index));
        if (first != null) reading.error(part, key, index, text + " again, after line " + first, expected);
    }
}
