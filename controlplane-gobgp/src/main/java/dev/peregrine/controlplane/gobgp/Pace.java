package dev.peregrine.controlplane.gobgp;

import java.time.Duration;

/**
 * The times of a {@link Session}.
 *
 * @param look between two questions how the BGP sessions are
 * @param quiet without a change of routes before the first picture is told
 */
record Pace(Duration look, Duration quiet) {
    /** That of a gateway. */
    static final Pace ORDINARY = new Pace(Duration.ofSeconds(1), Duration.ofMillis(500));

    /** Questions in a time of quiet. */
    private static final int LOOKS = 5;

    long lookNanos() {
        return look.toNanos();
    }

    long quietNanos() {
        return quiet.toNanos();
    }

    /** Between two questions while first routes come. */
    long settleLookNanos() {
        return quiet.toNanos() / LOOKS;
    }
}
