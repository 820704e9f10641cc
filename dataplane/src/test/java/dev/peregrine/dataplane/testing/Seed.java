package dev.peregrine.dataplane.testing;

import java.util.SplittableRandom;

/**
 * The seed of a random test: new in each run, unless the system property {@code peregrine.seed} repeats an old one.
 * Goes into the message of every assertion.
 */
public record Seed(long value) {
    private static final String FIXED = "peregrine.seed";

    /** The seed of this run. */
    public static Seed ofThisRun() {
        String fixed = System.getProperty(FIXED);
        return new Seed(fixed == null ? new SplittableRandom().nextLong() : Long.decode(fixed));
    }

    /** Whether this run repeats an old seed. */
    static boolean isFixed() {
        return System.getProperty(FIXED) != null;
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
