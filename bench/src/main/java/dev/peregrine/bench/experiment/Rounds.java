package dev.peregrine.bench.experiment;

import dev.peregrine.bench.machine.MachineTime;
import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Progress;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures an experiment: every case once to warm up, then in each round every case once, so that a drift of the
 * machine reaches all alike.
 */
public final class Rounds {
    private final Outcome outcome;
    private final Experiment experiment;
    private final Plan plan;
    private final List<Case> cases;
    private final OutcomeFolder folder;
    private final Progress progress;
    private final Map<Case, CaseJvm> jvms = new HashMap<>();

    /** Nothing is measured yet; {@code outcome} and {@code folder} get the results. */
    public Rounds(Outcome outcome, List<Case> cases, OutcomeFolder folder, Progress progress) {
        this.outcome = outcome;
        this.cases = cases;
        this.folder = folder;
        this.progress = progress;
        experiment = outcome.experiment();
        plan = outcome.plan();
    }

    /**
     * Takes all measurements.
     *
     * @throws InterruptedException if the user does not want to wait; earlier results stay
     */
    public void run() throws IOException, InterruptedException {
        try {
            progress.say("Warming up");
            for (Case each : cases) {
                if (plan.warmUpSeconds(each) > 0) {
                    attempt(each, false);
                    progress.passed(plan.warmUpSeconds(each));
                }
            }
            for (int round = 1; round <= plan.rounds(); round++) {
                for (Case each : cases) {
                    measure(round, each);
                }
                folder.write(outcome); // a run may take an hour, and the user may interrupt it
            }
        } finally {
            jvms.values().forEach(CaseJvm::close);
            jvms.clear();
            folder.write(outcome);
        }
    }

    private void measure(int round, Case each) throws IOException, InterruptedException {
        String what = "%d/%d %s · %s".formatted(round, plan.rounds(), each.point(), each.series());
        MachineTime before = MachineTime.now();
        Case.@Nullable Reading reading = attempt(each, true);
        Noise noise = MachineTime.now().since(before);
        if (reading != null) {
            folder.add(
                    outcome, new Sample(each.point(), each.series(), round, reading.metrics(), reading.drops(), noise));
        }
        String shown = reading == null ? "failed" : main(each, reading.metrics()) + (noise.noisy() ? " noisy" : "");
        progress.measured(what, shown, plan.seconds(each));
    }

    /** One case that fails does not end the others. */
    private Case.@Nullable Reading attempt(Case each, boolean counts) throws InterruptedException {
        Case.Measurement measurement = each.measurement();
        double seconds = counts ? plan.seconds() : plan.warmUpSeconds();
        try {
            if (experiment.isForked()) {
                return new Case.Reading(jvm(each).measure(seconds), Map.of());
            }
            return counts ? measurement.read(seconds) : new Case.Reading(measurement.measure(seconds), Map.of());
        } catch (IOException | RuntimeException failure) {
            String reason = failure instanceof IOException ? failure.getMessage() : failure.toString();
            String what = each.point() + " · " + each.series();
            outcome.results().fail(what, String.valueOf(reason));
            progress.say(what + ": " + reason);
            return null;
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

    /** The metric that a person looks at first, such as "1.31 Mpps". */
    private String main(Case each, Map<String, Double> metrics) {
        Optional<Metric> own = each.measurement().mainMetric();
        return Stream.concat(own.stream(), experiment.metrics().stream())
                .filter(metric -> metrics.containsKey(metric.name()))
                .findFirst()
                .map(metric -> Numbers.text(metrics.getOrDefault(metric.name(), Double.NaN)) + " " + metric.unit())
                .orElse("");
    }
}
