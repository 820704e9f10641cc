package dev.peregrine.bench.wire;

/**
 * Something that the measurements are meant to show.
 *
 * @param name both sides included
 * @param value what was measured
 * @param unit of {@code value} and {@code bound}
 * @param atLeast whether the bound is a lower one
 * @param goal what would be better still
 */
record Check(String name, double value, String unit, boolean atLeast, double bound, double goal) {
    boolean holds() {
        return atLeast ? value >= bound : value <= bound;
    }

    boolean reachesGoal() {
        return atLeast ? value >= goal : value <= goal;
    }

    /** As in "≥ 3". */
    String boundText() {
        return (atLeast ? "≥ " : "≤ ") + Numbers.text(bound);
    }
}
