package dev.peregrine.bench.experiment;

import java.util.List;

/**
 * How to measure.
 *
 * @param quick whether an experiment may leave points out
 * @param rounds how often each case is measured
 * @param seconds of each measurement
 * @param warmUpSeconds of each case before the first round, so that the JVM has compiled what it runs
 * @param cpus what workers are pinned to, in order
 * @param command how this was asked for
 */
public record Plan(
        boolean quick, int rounds, double seconds, double warmUpSeconds, List<Integer> cpus, String command) {
    /** About how long it takes to measure some cases. */
    public double totalSeconds(int cases) {
        return cases * (warmUpSeconds + rounds * seconds);
    }
}
