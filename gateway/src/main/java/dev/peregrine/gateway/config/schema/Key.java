package dev.peregrine.gateway.config.schema;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One key of a mapping.
 *
 * @param type its value's type
 * @param presence whether it may be left out, and what then
 * @param byDefault the default as YAML, see {@link ValueType#yaml}; null without one
 * @param of the value in the record that the mapping becomes
 * @param meaning one or two sentences for the reference
 * @param effect what puts a changed value into effect
 */
public record Key<R, T>(
        String name,
        ValueType<T> type,
        Presence presence,
        @Nullable Object byDefault,
        Function<R, T> of,
        String meaning,
        Effect effect) {

    /** The step that puts a changed value into effect in a running gateway. */
    public enum Effect {
        RELOAD,
        RESTART
    }

    /** Whether a key must be given, may be absent, or has a default. */
    public enum Presence {
        REQUIRED,
        OPTIONAL,
        DEFAULTED
    }

    /** The default as it would stand in the file. */
    public String defaultText() {
        return String.valueOf(byDefault);
    }

    /** The value that {@code holder} has, as YAML; null when it is absent. */
    public @Nullable Object yaml(R holder) {
        T value = of.apply(holder);
        return presence == Presence.OPTIONAL && value.equals(Optional.empty()) ? null : type.yaml(value);
    }
}
