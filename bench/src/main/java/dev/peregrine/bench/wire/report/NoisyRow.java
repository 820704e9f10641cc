package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.wire.machine.Noise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The noisy samples of a row in a mode, together.
 *
 * @param row mode and row, as in "wire · ping"
 * @param noisy how many samples
 * @param samples of how many
 * @param others the most that other processes had at a time, as a percentage of a core
 * @param steal the most of that, as a percentage of all CPU time
 * @param processes the most that each had
 */
record NoisyRow(String row, int noisy, int samples, double others, double steal, Map<String, Double> processes) {
    private static final int NAMED = 3;

    /** Of those rows that have any. */
    static List<NoisyRow> of(List<Sample> samples) {
        Map<String, List<Sample>> byRow = samples.stream()
                .collect(Collectors.groupingBy(
                        sample -> sample.mode() + " · " + sample.row(), LinkedHashMap::new, Collectors.toList()));
        List<NoisyRow> rows = new ArrayList<>();
        byRow.forEach((row, all) -> {
            List<Noise> noisy =
                    all.stream().map(Sample::noise).filter(Noise::noisy).toList();
            if (!noisy.isEmpty()) {
                rows.add(of(row, all.size(), noisy));
            }
        });
        return rows;
    }

    private static NoisyRow of(String row, int samples, List<Noise> noisy) {
        Map<String, Double> processes = new TreeMap<>();
        noisy.forEach(noise -> noise.processes().forEach((name, percent) -> processes.merge(name, percent, Math::max)));
        double others = noisy.stream().mapToDouble(Noise::othersPercent).max().orElse(0);
        double steal = noisy.stream().mapToDouble(Noise::stealPercent).max().orElse(0);
        return new NoisyRow(row, noisy.size(), samples, others, steal, processes);
    }

    /** Of a table: the row, how many of how many, both maxima, and the busiest processes. */
    List<String> cells() {
        String names = processes.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(NAMED)
                .map(entry -> entry.getKey() + " " + Numbers.text(entry.getValue()))
                .collect(Collectors.joining(", "));
        return List.of(row, noisy + " of " + samples, Numbers.text(others), Numbers.text(steal), names);
    }
}
