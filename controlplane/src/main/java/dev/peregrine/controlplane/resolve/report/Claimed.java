package dev.peregrine.controlplane.resolve.report;

import dev.peregrine.controlplane.Claim;

/**
 * A claim as the resolver sees it, for {@code control claims}.
 *
 * @param plane who said so
 * @param standing whether it counts, and if not, why
 * @param withdrawn whether the plane has taken it back, so that it counts only for a while
 */
public record Claimed(String plane, Claim claim, Standing standing, boolean withdrawn) {
    /** The outcome of a claim. */
    public enum Standing {
        /** The tables follow it. */
        WINS,
        /** A claim of a plane that comes before, or a better one of the same plane, wins. */
        LOSES,
        /** The MAC is a local port's. */
        CONFLICTS,
        /** A static entry is there. */
        STATIC,
        /** The MAC is frozen as a duplicate. */
        FROZEN
    }
}
