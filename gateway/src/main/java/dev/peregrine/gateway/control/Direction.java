package dev.peregrine.gateway.control;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The way of a frame: into the bridge or out of it. */
public enum Direction {
    IN,
    OUT;

    /** Reads {@code in} or {@code out}; null when it is something else. */
    public static @Nullable Direction parse(String word) {
        return switch (word) {
            case "in" -> IN;
            case "out" -> OUT;
            default -> null;
        };
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
