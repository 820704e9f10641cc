package dev.peregrine.bench.falcon;

import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import java.util.List;

/** The common part of experiments on schedules. */
abstract class FalconExperiment implements Experiment {
    /** Throughput in a user's messages, each of which may be several datagrams. */
    static final Metric KPPS = new Metric("kpps", "Messages delivered", "thousand/s");

    /** In the paper six cores receive; more workers than that are not used here either. */
    private static final int MOST_WORKERS = 6;

    private final String name;
    private final String title;
    private final String published;
    private final String method;
    private final List<Metric> metrics;

    FalconExperiment(String name, String title, String published, String method, Metric... metrics) {
        this.name = name;
        this.title = title;
        this.published = published;
        this.method = method;
        this.metrics = List.of(metrics);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String title() {
        return title;
    }

    @Override
    public final String published() {
        return published;
    }

    @Override
    public final String method() {
        return method;
    }

    @Override
    public final List<Metric> metrics() {
        return metrics;
    }

    /** The CPUs of the workers. */
    static List<Integer> cpus(Plan plan) {
        return plan.cpus().stream().limit(MOST_WORKERS).toList();
    }
}
