package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Progress;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures an experiment: every case once to warm up, then in each round every case once, so that a drift of the
 * machine reaches all alike.
 */
final class Rounds {
    private final Experiment experiment;
    private final Plan plan;
    private final OutcomeFolder folder;
    private final Progress progress;
    private final List<Case> cases;
    private final Results results;
    private final Outcome outcome;
    private final Map<Case, CaseJvm> jvms = new HashMap<>();

    Rounds(
            Experiment experiment,
            List<Case> cases,
            Plan plan,
            Machine machine,
            OutcomeFolder folder,
            Progress progress) {
        this.experiment = experiment;
        this.plan = plan;
        this.folder = folder;
        this.progress = progress;
        this.cases = cases;
        results = new Results(cases);
        outcome = new Outcome(experiment, plan, machine, results);
    }

    /** The results so far. */
    Outcome outcome() {
        return outcome;
    }

    /** @throws InterruptedException if the user does not want to wait; earlier results stay */
    void run() throws IOException, InterruptedException {
        try {
            for (Case each : cases) {
                measure(each, plan.warmUpSeconds());
                progress.passed(plan.warmUpSeconds());
            }
            for (int round = 1; round <= plan.rounds(); round++) {
                round(round);
                folder.write(outcome);
            }
        } finally {
            jvms.values().forEach(CaseJvm::close);
            jvms.clear();
            folder.write(outcome);
        }
    }

    private void round(int round) throws IOException, InterruptedException {
        for (Case each : cases) {
            Map<String, Double> metrics = measure(each, plan.seconds());
            String what = experiment.name() + "  " + each.point() + "  " + each.series();
            if (metrics == null) {
                progress.measured(what, "failed", plan.seconds());
                continue;
            }
            Sample sample = new Sample(each.point(), each.series(), round, metrics);
            results.add(sample);
            folder.add(experiment, sample);
            progress.measured(what, first(metrics), plan.seconds());
        }
    }

    private CaseJvm jvm(Case each) throws IOException {
        CaseJvm jvm = jvms.get(each);
        if (jvm == null) {
            jvm = new CaseJvm(experiment, cases.indexOf(each), plan);
            jvms.put(each, jvm);
        }
        return jvm;
    }

    private String first(Map<String, Double> metrics) {
        for (Metric metric : experiment.metrics()) {
            Double value = metrics.get(metric.name());
            if (value != null) {
                return Numbers.text(value) + " " + metric.unit();
            }
        }
        return "";
    }

    /** One case that fails does not end the others. */
    private @Nullable Map<String, Double> measure(Case each, double seconds) throws IOException, InterruptedException {
        try {
            return experiment.isForked()
                    ? jvm(each).measure(seconds)
                    : each.measurement().measure(seconds);
        } catch (RuntimeException failure) {
            results.fail(each.point() + " · " + each.series(), String.valueOf(failure));
            return null;
        }
    }
}
