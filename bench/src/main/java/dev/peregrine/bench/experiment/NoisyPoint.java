package dev.peregrine.bench.experiment;

import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.report.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The noisy samples of a point, together.
 *
 * @param point its name
 * @param noisy how many samples
 * @param samples of how many
 * @param others the most that other processes had at a time, as a percentage of a core
 * @param steal the most of that, as a percentage of all CPU time
 * @param processes the most that each had
 */
record NoisyPoint(String point, int noisy, int samples, double others, double steal, Map<String, Double> processes) {
    private static final int NAMED = 3;

    /** Of those points that have any. */
    static List<NoisyPoint> of(List<Sample> samples) {
        Map<String, List<Sample>> byPoint =
                samples.stream().collect(Collectors.groupingBy(Sample::point, LinkedHashMap::new, Collectors.toList()));
        List<NoisyPoint> points = new ArrayList<>();
        byPoint.forEach((point, all) -> {
            List<Noise> noisy =
                    all.stream().map(Sample::noise).filter(Noise::noisy).toList();
            if (!noisy.isEmpty()) {
                points.add(of(point, all.size(), noisy));
            }
        });
        return points;
    }

    private static NoisyPoint of(String point, int samples, List<Noise> noisy) {
        Map<String, Double> processes = new TreeMap<>();
        noisy.forEach(noise -> noise.processes().forEach((name, percent) -> processes.merge(name, percent, Math::max)));
        double others = noisy.stream().mapToDouble(Noise::othersPercent).max().orElse(0);
        double steal = noisy.stream().mapToDouble(Noise::stealPercent).max().orElse(0);
        return new NoisyPoint(point, noisy.size(), samples, others, steal, processes);
    }

    /** Of a table: the point, how many of how many, both maxima, and the busiest processes. */
    List<String> cells() {
        String names = processes.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(NAMED)
                .map(entry -> entry.getKey() + " " + Numbers.text(entry.getValue()))
                .collect(Collectors.joining(", "));
        return List.of(point, noisy + " of " + samples, Numbers.text(others), Numbers.text(steal), names);
    }
}
