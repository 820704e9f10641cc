package dev.peregrine.bench.machine;

import java.util.Map;

/**
 * The CPU time of other processes during a measurement.
 *
 * @param noisy whether that was too much for the sample to be trusted
 * @param stealPercent of all CPU time: the share that the hypervisor gave to others
 * @param othersPercent of one core: the share of processes that are neither the benchmark's nor the kernel's
 * @param load the load average over a minute, at the end
 * @param processes the busiest of those, with the percentage of a core that each used
 */
public record Noise(
        boolean noisy, double stealPercent, double othersPercent, double load, Map<String, Double> processes) {
    /** More steal than that is noise. */
    public static final double STEAL_PERCENT = 1;

    /** More of a core than that is noise. */
    public static final double OTHERS_PERCENT = 5;

    /** The machine was left alone. */
    public static final Noise NONE = new Noise(false, 0, 0, 0, Map.of());

    static Noise of(double stealPercent, double othersPercent, double load, Map<String, Double> processes) {
        boolean noisy = stealPercent > STEAL_PERCENT || othersPercent > OTHERS_PERCENT;
        return new Noise(noisy, stealPercent, othersPercent, load, processes);
    }
}
