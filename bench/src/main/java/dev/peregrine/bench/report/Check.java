package dev.peregrine.bench.report;

/**
 * A claim that the measurements are meant to show.
 *
 * @param name both sides included
 * @param value the measured value
 * @param unit of {@code value} and {@code bound}
 * @param atLeast whether the bound is a lower one
 * @param goal a better value to aim for
 */
public record Check(String name, double value, String unit, boolean atLeast, double bound, double goal) {
    /** A check that a value is not below a bound. */
    public static Check atLeast(String name, double value, String unit, double bound) {
        return new Check(name, value, unit, true, bound, bound);
    }

    /** A check that a value is not above a bound. */
    public static Check atMost(String name, double value, String unit, double bound) {
        return new Check(name, value, unit, false, bound, bound);
    }

    /** Whether the value meets the bound. */
    public boolean holds() {
        return atLeast ? value >= bound : value <= bound;
    }

    /** Whether the value meets the goal. */
    public boolean reachesGoal() {
        return atLeast ? value >= goal : value <= goal;
    }

    /** As in "≥ 3". */
    public String boundText() {
        return (atLeast ? "≥ " : "≤ ") + Numbers.text(bound);
    }

    /** As in "4 reached"; empty where there is no other goal than the bound. */
    public String goalText() {
        return goal == bound ? "" : Numbers.text(goal) + (reachesGoal() ? " reached" : "");
    }
}
