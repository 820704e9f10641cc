package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An experiment whose results are known: A comes to 2, 4, 6 …, B to half of that. */
final class FakeExperiment extends Experiment {
    static final Metric METRIC = new Metric("mpps", "Throughput", "Mpps");

    final List<String> calls = new ArrayList<>();
    int callsBeforeInterrupt = Integer.MAX_VALUE;
    boolean bFails;
    private double value;

    FakeExperiment() {
        super("fake", "a title", "fakes", METRIC);
    }

    @Override
    public List<Case> cases(Plan plan) {
        return List.of(
                new Case("64 B", "A", seconds -> {
                    call("A");
                    value += 2;
                    return Map.of("mpps", value);
                }),
                new Case("64 B", "B", seconds -> {
                    call("B");
                    if (bFails) throw new IllegalStateException("broken");
                    return Map.of("mpps", value / 2);
                }));
    }

    private void call(String series) throws InterruptedException {
        calls.add(series);
        if (calls.size() > callsBeforeInterrupt) throw new InterruptedException();
    }

    @Override
    public List<Cell> predictions(Results results) {
        return List.of(Cell.predicted("64 B", "model", "mpps", 7));
    }

    @Override
    public List<Check> checks(Results results) {
        return results.ratio("mpps", "64 B", "A", "B")
                .map(ratio -> List.of(Check.atLeast("A / B", ratio.median(), "×", 3)))
                .orElse(List.of());
    }
}
