package dev.peregrine.bench.experiment;

import java.util.List;

/**
 * The parameters of a run.
 *
 * @param quick whether an experiment may leave points out
 * @param rounds the number of measurements of each case
 * @param seconds of each measurement
 * @param warmUpSeconds of each case before the first round, so that the JVM has compiled its code
 */
public record Plan(
        boolean quick, int rounds, double seconds, double warmUpSeconds, List<Integer> cpus, String command) {
    /** About how long it takes to measure some cases. */
    public double totalSeconds(int cases) {
        return cases * (warmUpSeconds + rounds * seconds);
    }
}
