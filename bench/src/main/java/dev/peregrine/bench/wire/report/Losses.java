package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.row.LossRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Where the packets of a row were lost on the way of one contender.
 *
 * @param places packets in each round, by place; a round without any counts as 0
 * @param unexplained lost packets that no place names, if the row knows the number sent
 * @param unexplainedPercent the same, as a percentage of those sent
 */
record Losses(Map<String, Summary> places, Optional<Summary> unexplained, Optional<Summary> unexplainedPercent) {
    /** Packets sent again name no place; those that a socket refused to its sender were not sent. */
    private static final Pattern NO_LOSS = Pattern.compile(".*/(RetransSegs|spurious|SndbufErrors)");

    /** Of the samples, if there are any. */
    static Losses of(List<Sample> samples) {
        Map<String, Summary> places = new LinkedHashMap<>();
        TreeSet<String> names = new TreeSet<>();
        samples.forEach(sample -> names.addAll(sample.drops().keySet()));
        for (String name : names) {
            places.put(
                    name,
                    Summary.of(samples.stream()
                            .map(sample -> (double) sample.drops().getOrDefault(name, 0L))
                            .toList()));
        }
        List<Double> packets = new ArrayList<>();
        List<Double> percents = new ArrayList<>();
        for (Sample sample : samples) {
            double sent = sample.metrics().getOrDefault(LossRow.SENT, 0.0);
            if (sent > 0) {
                double lost = sample.metrics().getOrDefault(LossRow.LOST, 0.0);
                double rest = Math.max(0, lost - named(sample));
                packets.add(rest);
                percents.add(100 * rest / sent);
            }
        }
        return new Losses(places, summary(packets), summary(percents));
    }

    private static long named(Sample sample) {
        return sample.drops().entrySet().stream()
                .filter(entry -> !NO_LOSS.matcher(entry.getKey()).matches())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static Optional<Summary> summary(List<Double> values) {
        return values.isEmpty() ? Optional.empty() : Optional.of(Summary.of(values));
    }

    /** Lines of a table: a place, and packets a round. */
    List<List<String>> lines() {
        List<List<String>> lines = new ArrayList<>();
        places.forEach((place, summary) -> lines.add(List.of(place, summary.text())));
        unexplained.filter(packets -> packets.max() > 0).ifPresent(packets -> {
            String percent = unexplainedPercent
                    .map(share -> ", %s %% of those sent".formatted(Numbers.text(share.median())))
                    .orElse("");
            lines.add(List.of("**not explained**", packets.text() + percent));
        });
        return lines;
    }
}
