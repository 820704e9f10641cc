package dev.peregrine.gateway.config.change;

import org.jspecify.annotations.Nullable;

/**
 * One changed thing, as a user reads it.
 *
 * @param what such as {@code vni 42 port web} or {@code underlay.ttl}
 * @param before what it was; null for what is new
 * @param after what it becomes; null for what goes
 */
public record Line(
        String what, @Nullable String before, @Nullable String after) {
    /** A new thing. */
    static Line added(String what, String value) {
        return new Line(what, null, value);
    }

    /** A thing that goes. */
    static Line removed(String what, String value) {
        return new Line(what, value, null);
    }

    @Override
    public String toString() {
        if (before != null && after != null) {
            return "~ " + what + ": " + before + " -> " + after;
        }
        String value = before == null ? after : before;
        return (before == null ? "+ " : "- ") + what + (String.valueOf(value).isEmpty() ? "" : " " + value);
    }
}
