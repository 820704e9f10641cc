package dev.peregrine.dataplane.testing;

import java.util.SplittableRandom;

/**
 * The seed of a random test: new in each run, unless the system property {@code peregrine.seed} repeats an old one.
 * Goes into the message of every assertion.
 */
public record Seed(long value) {
    /** The seed of this run. */
    public static Seed ofThisRun() {
        String fixed = System.getProperty("peregrine.seed");
        return new Seed(fixed == null ? new SplittableRandom().nextLong() : Long.decode(fixed));
    }

    /** A generator that starts from this seed. */
    public SplittableRandom random() {
        return new SplittableRandom(value);
    }

    @Override
    public String toString() {
        return "seed " + value + " (repeat with -Dperegrine.seed=" + value + ")";
    }
}
