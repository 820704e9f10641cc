package dev.peregrine.gateway.log;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** The names of the log's settings: each a property of the JVM or, without it, a variable of the environment. */
public final class LogSettings {
    static final String LEVEL_PROPERTY = "pg.log";
    static final String LEVEL_VARIABLE = "PEREGRINE_LOG";
    static final String FORMAT_PROPERTY = "pg.logFormat";
    static final String FORMAT_VARIABLE = "PEREGRINE_LOG_FORMAT";

    private LogSettings() {}

    /** The value of a setting; empty without it. */
    static String value(Map<String, String> environment, String property, String variable) {
        return System.getProperty(property, environment.getOrDefault(variable, ""));
    }

    /**
     * A setting with a value that means nothing, and which do; null when all is right.
     *
     * @param isFormatGiven whether a command line has set the format already
     */
    public static @Nullable String problem(Map<String, String> environment, boolean isFormatGiven) {
        String problem = problem(environment, LEVEL_PROPERTY, LEVEL_VARIABLE, Level.values());
        return problem != null || isFormatGiven
                ? problem
                : problem(environment, FORMAT_PROPERTY, FORMAT_VARIABLE, LogFormat.values());
    }

    private static @Nullable String problem(
            Map<String, String> environment, String property, String variable, Enum<?>[] known) {
        String value = value(environment, property, variable);
        if (value.isEmpty() || Arrays.stream(known).anyMatch(one -> one.name().equalsIgnoreCase(value))) return null;
        String name = System.getProperty(property) == null ? variable : "-D" + property;
        return name + ": found " + value + "; expected "
                + Arrays.stream(known)
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
    }
}
