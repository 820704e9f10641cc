package dev.peregrine.dataplane.testing;

import java.util.SplittableRandom;

/**
 * The seed of a random test: new in each run, unless the system property {@code peregrine.seed} repeats an old one.
 * Goes into the message of every assertion.
 */
public record Seed(long value) {
    private static final String FIXED = "peregrine.seed";
    /** The seeds of a test in a whole run. */
    private static final int WHOLE = 10;

    private static final int COUNT = Integer.getInteger("peregrine.seeds", WHOLE);

    /** The seed of this run. */
    public static Seed ofThisRun() {
        String fixed = System.getProperty(FIXED);
        return new Seed(fixed == null ? new SplittableRandom().nextLong() : Long.decode(fixed));
    }

    /** Whether this run repeats an old seed. */
    static boolean isFixed() {
        return System.getProperty(FIXED) != null;
    }

    /** How many seeds a test with seeds takes: 10, or as many as the system property {@code peregrine.seeds} says. */
    static int count() {
        return COUNT;
    }

    /**
     * The rounds of a test that takes {@code whole} of them in a whole run. Where {@code peregrine.seeds} asks for less
     * than 10 seeds, as in a fast run, the rounds are fewer by the same factor. At least 1.
     */
    public static int rounds(int whole) {
        return (int) Math.max(1, (long) whole * Math.min(WHOLE, COUNT) / WHOLE);
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
