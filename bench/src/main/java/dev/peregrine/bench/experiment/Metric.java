package dev.peregrine.bench.experiment;

/**
 * A measured quantity.
 *
 * @param name the key in results, such as {@code mpps}
 * @param title as a person would say it
 * @param lessIsBetter whether the smaller value wins a comparison
 */
public record Metric(String name, String title, String unit, boolean lessIsBetter) {
    /** Of which more is better, or which nothing compares. */
    public Metric(String name, String title, String unit) {
        this(name, title, unit, false);
    }

    /** Whether the values are percentages of a whole, which may be 0: they are compared by their difference. */
    public boolean isShare() {
        return unit.equals("%");
    }
}
