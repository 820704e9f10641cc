package dev.peregrine.controlplane.resolve;

import java.time.Duration;

/**
 * The delays of a {@link Resolver}, as keys of {@code control}.
 *
 * @param withdrawDelay how long a withdrawn claim still counts, unless the station is claimed elsewhere
 * @param hold how long claims of a plane that is not live count; {@link #FOREVER} is allowed
 * @param shrinkHold how long a plane that loses more than half of its VTEPs or stations is not believed
 * @param duplicateMoves moves of a MAC within {@code duplicateWindow} that make it a duplicate, at least 1
 * @param duplicateWindow see {@code duplicateMoves}
 * @param freeze whether a duplicate MAC stays where it is, unchanged and without new announcements; else it is a
 *     warning
 * @param recover after which time a frozen MAC is let go; zero for never
 */
public record ResolverSettings(
        Duration withdrawDelay,
        Duration hold,
        Duration shrinkHold,
        int duplicateMoves,
        Duration duplicateWindow,
        boolean freeze,
        Duration recover) {
    /** Longer than any gateway runs: 292 years. */
    public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    /** The settings of a gateway without further keys. */
    public static final ResolverSettings DEFAULT = new ResolverSettings(
            Duration.ofSeconds(1),
            Duration.ofMinutes(10),
            Duration.ofSeconds(30),
            5,
            Duration.ofSeconds(180),
            false,
            Duration.ZERO);

    public ResolverSettings {
        if (duplicateMoves < 1) throw new IllegalArgumentException("duplicate.moves is below 1");
    }
}
