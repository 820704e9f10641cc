package dev.peregrine.gateway.metric;

import dev.peregrine.dataplane.stage.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The values of one collection. Filled and turned into snapshots by one thread after the other. */
public final class Samples {
    private static final String TOTAL = "_total";

    /** A value and its labels; of a histogram its buckets and the sum of its values. */
    private record Sample(Labels labels, double value, ClassicHistogramBuckets buckets) {}

    private final Map<Metric, List<Sample>> byMetric = new EnumMap<>(Metric.class);

    /** Adds a value; {@code labels} has the names that the metric has. */
    public void add(Metric metric, Labels labels, double value) {
        add(metric, new Sample(labels, value, ClassicHistogramBuckets.EMPTY));
    }

    /** Adds a count or a whole number. */
    public void add(Metric metric, Labels labels, long value) {
        add(metric, labels, (double) value);
    }

    /** Adds the value of a metric without labels. */
    public void add(Metric metric, long value) {
        add(metric, Labels.EMPTY, value);
    }

    /**
     * Adds a histogram.
     *
     * @param unit of its values, in units of the metric
     */
    public void add(Metric metric, Labels labels, Histogram histogram, double unit) {
        double[] bounds = new double[histogram.buckets()];
        long[] counts = new long[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            boolean isLast = i == bounds.length - 1;
            bounds[i] = isLast ? Double.POSITIVE_INFINITY : histogram.bound(i) * unit;
            counts[i] = histogram.count(i);
        }
        double sum = histogram.sum() * unit;
        add(metric, new Sample(labels, sum, ClassicHistogramBuckets.of(bounds, counts)));
    }

    private void add(Metric metric, Sample sample) {
        assert sample.labels.size() == metric.labels().size()
                        && metric.labels().stream().allMatch(sample.labels::contains)
                : metric + " has the labels " + metric.labels() + ", not " + sample.labels;
        byMetric.computeIfAbsent(metric, key -> new ArrayList<>()).add(sample);
    }

    /** All values, by metric. A metric without values is left out. */
    public MetricSnapshots snapshots(MetricSnapshots more) {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        byMetric.forEach((metric, samples) -> all.metricSnapshot(snapshot(metric, samples)));
        more.forEach(all::metricSnapshot);
        return all.build();
    }

    private static MetricSnapshot snapshot(Metric metric, List<Sample> samples) {
        String title = metric.title();
        String name = title.endsWith(TOTAL) ? title.substring(0, title.length() - TOTAL.length()) : title;
        MetricMetadata about = new MetricMetadata(name, metric.meaning());
        return switch (metric.kind()) {
            case COUNTER ->
                new CounterSnapshot(
                        about,
                        samples.stream()
                                .map(one -> new CounterDataPointSnapshot(one.value, one.labels, null, 0L))
                                .toList());
            case GAUGE ->
                new GaugeSnapshot(
                        about,
                        samples.stream()
                                .map(one -> new GaugeDataPointSnapshot(one.value, one.labels, null))
                                .toList());
            case INFO ->
                new InfoSnapshot(
                        about,
                        samples.stream()
                                .map(one -> new InfoDataPointSnapshot(one.labels))
                                .toList());
            case HISTOGRAM ->
                new HistogramSnapshot(
                        about,
                        samples.stream()
                                .map(one -> new HistogramDataPointSnapshot(
                                        one.buckets, one.value, one.labels, Exemplars.EMPTY, 0L))
                                .toList());
        };
    }
}
