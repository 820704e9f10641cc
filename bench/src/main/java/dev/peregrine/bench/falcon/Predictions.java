package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Cell;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.DeviceTimes;
import dev.peregrine.bench.falcon.model.LinkCost;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.falcon.model.Model;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.LineChart;
import dev.peregrine.bench.report.Picture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calibrated model: the rates of more workers than this machine has. */
public final class Predictions extends Experiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);
    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);

    private static final String PARTS = "parts, measured alone";
    private static final String SERIAL = "one flow, run-to-completion";
    private static final String PIPELINED = "one flow, pipelined";
    private static final String SPLIT = "one flow, pipelined split";
    private static final String MANY_SERIAL = "64 flows, run-to-completion";
    private static final String MANY_STATIC = "64 flows, pipelined static";
    private static final String CALIBRATION = "calibration";
    private static final double MOST_ERROR_PERCENT = 15;
    private static final int CALIBRATION_BATCH = 64;

    /** The model and its checks. */
    public Predictions() {
        super(
                "model",
                "predicted throughput on 1 to 32 workers, from stage times and hand-off cost measured alone",
                "falcon",
                new Metric("mpps", "Throughput", "Mpps"),
                new Metric("receive", "Receiving", "ns"),
                new Metric("underlay", "Underlay: coalesce", "ns"),
                new Metric("vtep", "VTEP", "ns"),
                new Metric("bridge", "Bridge", "ns"),
                new Metric("port", "Port and destination", "ns"),
                new Metric("give", "Hand-off, giving side", "ns"),
                new Metric("take", "Hand-off, taking side", "ns"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Integer> cpus = Measures.cpus(plan);
        List<Case> cases = new ArrayList<>();
        cases.add(new Case(CALIBRATION, PARTS, seconds -> calibrate(cpus, seconds)));
        cases.add(new Case(point(1), SERIAL, seconds -> measure(cpus.subList(0, 1), Mode.RUN_TO_COMPLETION, seconds)));
        for (int workers = 2; workers <= cpus.size(); workers++) {
            List<Integer> some = cpus.subList(0, workers);
            cases.add(new Case(point(workers), PIPELINED, seconds -> measure(some, Mode.PIPELINED, seconds)));
            cases.add(new Case(point(workers), SPLIT, seconds -> measure(some, Mode.SPLIT, seconds)));
        }
        return cases;
    }

    private static String point(int workers) {
        return workers == 1 ? "1 worker" : workers + " workers";
    }

    private static Map<String, Double> measure(List<Integer> cpus, Mode mode, double seconds)
            throws InterruptedException {
        Setup setup = new Setup(cpus.getFirst(), TRAFFIC).cpus(cpus).instruments(WEIGHTS);
        try (Chain chain = new Chain(mode.applyTo(setup, TRAFFIC, cpus.size()))) {
            return Map.of("mpps", chain.measure(seconds).mpps());
        }
    }

    private static Map<String, Double> calibrate(List<Integer> cpus, double seconds) throws InterruptedException {
        DeviceTimes times = DeviceTimes.measure(new Setup(cpus.getFirst(), TRAFFIC), WEIGHTS, seconds / 2);
        Map<String, Double> metrics = new LinkedHashMap<>(times.devices());
        metrics.put("receive", times.receive());
        if (cpus.size() > 1) {
            LinkCost.Cost cost = LinkCost.measure(cpus.get(0), cpus.get(1), CALIBRATION_BATCH, seconds / 2);
            metrics.put("give", cost.giveNanos());
            metrics.put("take", cost.takeNanos());
        }
        return metrics;
    }

    private static Optional<Model> model(Results results) {
        if (results.values(CALIBRATION, PARTS, "receive").isEmpty()) {
            return Optional.empty();
        }
        Map<String, Double> devices = new LinkedHashMap<>();
        for (String device : DeviceTimes.DEVICES) {
            devices.put(device, median(results, device));
        }
        return Optional.of(
                new Model(median(results, "receive"), devices, median(results, "give"), median(results, "take")));
    }

    private static double median(Results results, String metric) {
        return results.median(CALIBRATION, PARTS, metric).orElse(0.0);
    }

    @Override
    public List<Cell> predictions(Results results) {
        List<Cell> rows = new ArrayList<>();
        model(results).ifPresent(model -> {
            for (int workers : Model.workerCounts()) {
                String point = point(workers);
                rows.add(Cell.predicted(point, SERIAL, "mpps", model.serial()));
                rows.add(Cell.predicted(point, PIPELINED, "mpps", model.spread(workers)));
                rows.add(Cell.predicted(point, SPLIT, "mpps", model.split(workers)));
                rows.add(Cell.predicted(point, MANY_SERIAL, "mpps", model.manySerial(workers)));
                rows.add(Cell.predicted(point, MANY_STATIC, "mpps", model.manyStatic(workers)));
            }
        });
        return rows;
    }

    @Override
    public List<Picture> charts(Results results) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (String series : List.of(SERIAL, PIPELINED, SPLIT)) {
            addLine(lines, series, measured(results, series));
        }
        List<Cell> predictions = predictions(results);
        for (String series : List.of(SERIAL, PIPELINED, SPLIT, MANY_SERIAL, MANY_STATIC)) {
            addLine(
                    lines,
                    series + " (prediction)",
                    predictions.stream()
                            .filter(cell -> cell.series().equals(series))
                            .toList());
        }
        return lines.isEmpty()
                ? List.of()
                : List.of(new LineChart("model.png", "Throughput by the number of workers", "workers", "Mpps", lines));
    }

    private static List<Cell> measured(Results results, String series) {
        return results.points().stream()
                .flatMap(point -> results.cell(point, series, "mpps").stream())
                .toList();
    }

    private static void addLine(List<LineChart.Line> lines, String title, List<Cell> rows) {
        if (!rows.isEmpty()) {
            lines.add(new LineChart.Line(
                    title,
                    rows.getFirst().predicted(),
                    rows.stream()
                            .map(cell -> new LineChart.Point(workers(cell.point()), cell.summary()))
                            .toList()));
        }
    }

    /** Of a point such as "2 workers". */
    private static int workers(String point) {
        return Integer.parseInt(point.substring(0, point.indexOf(' ')));
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        model(results).ifPresent(model -> {
            addError(checks, results, 1, SERIAL, model.serial());
            addError(checks, results, 2, PIPELINED, model.spread(2));
            addError(checks, results, 2, SPLIT, model.split(2));
        });
        return checks;
    }

    private static void addError(List<Check> checks, Results results, int workers, String series, double predicted) {
        results.median(point(workers), series, "mpps")
                .ifPresent(measured -> checks.add(Check.atMost(
                        point(workers) + ", " + series + ": error of the model",
                        100 * Math.abs(predicted - measured) / measured,
                        "%",
                        MOST_ERROR_PERCENT)));
    }
}
