package dev.peregrine.bench.experiment;

import java.util.List;

/**
 * The parameters of a run.
 *
 * @param quick whether an experiment may leave points out
 * @param rounds the number of measurements of each case
 * @param seconds of each measurement
 * @param warmUpSeconds of each case before the first round, so that the JVM has compiled its code; may be 0
 * @param cpus that this process may run on
 * @param command how the run was asked for
 */
public record Plan(
        boolean quick, int rounds, double seconds, double warmUpSeconds, List<Integer> cpus, String command) {
    /** About how long a case takes to warm up. */
    public double warmUpSeconds(Case one) {
        return one.measurement().isWarmedUp() && warmUpSeconds > 0
                ? warmUpSeconds + one.measurement().overheadSeconds()
                : 0;
    }

    /** About how long a measurement of a case takes. */
    public double seconds(Case one) {
        return seconds + one.measurement().overheadSeconds();
    }

    /** About how long it takes to measure some cases. */
    public double totalSeconds(List<Case> cases) {
        return cases.stream()
                .mapToDouble(one -> warmUpSeconds(one) + rounds * seconds(one))
                .sum();
    }
}
