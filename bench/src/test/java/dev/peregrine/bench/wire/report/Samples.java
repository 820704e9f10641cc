package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.experiment.Outcome;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import java.util.Map;

/** A small run whose results are known. */
final class Samples {
    static final Machine MACHINE = new Machine("Pocket calculator", 2, 2048, "Linux 6.18", "Some JDK 25");

    private Samples() {}

    static Lineup lineup(List<Mode> modes, Row... rows) {
        return new Lineup(
                modes,
                List.of(rows),
                List.of(Contender.KERNEL, Contender.KERNEL_TUNED, Contender.OVS, Contender.PEREGRINE),
                new Placement(0, 1));
    }

    /** Of that lineup, so far. */
    static Outcome outcome(Lineup lineup, Results results) {
        Plan plan = new Plan(true, 3, 2, 1, List.of(0, 1), "scripts/bench wire --quick");
        return new Outcome(new Wire(lineup, List.of(), List.of("A note.")), plan, MACHINE, results);
    }

    /** Adds one sample for each value of the row's own metric. */
    static void add(Results results, Mode mode, Row row, Contender contender, double... values) {
        int round = 1;
        for (double value : values) {
            results.add(
                    sample(mode, row, contender, round++, Map.of(row.metric().name(), value)));
        }
    }

    /** On a machine of its own, and without losses. */
    static Sample sample(Mode mode, Row row, Contender contender, int round, Map<String, Double> metrics) {
        return new Sample(Wire.point(mode, row), contender.id(), round, metrics, Map.of(), Noise.NONE);
    }

    /** UDP and pings in wire mode, where Peregrine wins one and loses the other. */
    static Results results() {
        Results results = new Results();
        add(results, Mode.WIRE, Rows.ONE_FLOW_SMALL_GRO, Contender.KERNEL, 0.25, 0.24, 0.26);
        add(results, Mode.WIRE, Rows.ONE_FLOW_SMALL_GRO, Contender.KERNEL_TUNED, 0.5, 0.4, 0.8);
        add(results, Mode.WIRE, Rows.ONE_FLOW_SMALL_GRO, Contender.OVS, 0.12, 0.11, 0.13);
        add(results, Mode.WIRE, Rows.ONE_FLOW_SMALL_GRO, Contender.PEREGRINE, 1, 0.75, 1.25);
        add(results, Mode.WIRE, Rows.PING, Contender.KERNEL, 80, 90, 82);
        add(results, Mode.WIRE, Rows.PING, Contender.PEREGRINE, 164, 150, 170);
        results.fail("wire · ovs · ping", "no answer came back");
        return results;
    }
}
