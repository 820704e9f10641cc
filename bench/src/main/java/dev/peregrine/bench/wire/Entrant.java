package dev.peregrine.bench.wire;

import dev.peregrine.bench.wire.drops.LabCounters;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Installation;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Pause;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.bench.wire.machine.MachineTime;
import dev.peregrine.bench.wire.machine.Noise;
import dev.peregrine.bench.wire.report.Sample;
import dev.peregrine.bench.wire.row.Row;
import java.io.IOException;
import java.util.Map;

/** A contender in its lab, ready to be measured, and paused meanwhile. */
record Entrant(Contender contender, Lab lab, Installation installation) implements AutoCloseable {
    private static final double SETTLE_SECONDS = 0.1;

    /** Measures a row, and reads the other counters before and after. */
    Sample sample(Row row, int round, Placement placement, double seconds) throws IOException {
        installation.resume();
        try {
            Pause.seconds(SETTLE_SECONDS);
            LabCounters counters = LabCounters.start(lab, installation);
            MachineTime before = MachineTime.now();
            Map<String, Double> metrics = row.measure(ends(), placement, seconds);
            Noise noise = MachineTime.now().since(before);
            Pause.seconds(SETTLE_SECONDS); // gives packets under way the time to arrive
            Map<String, Long> lost = counters.lost().counts();
            return new Sample(lab.mode().id(), row.id(), contender.id(), round, metrics, lost, noise);
        } finally {
            installation.pause();
        }
    }

    /** Gives it the traffic of a row. */
    void warmUp(Row row, Placement placement, double seconds) throws IOException {
        installation.resume();
        try {
            Pause.seconds(SETTLE_SECONDS);
            row.measure(ends(), placement, seconds);
        } finally {
            installation.pause();
        }
    }

    private Ends ends() {
        return Ends.of(lab, contender);
    }

    @Override
    public void close() {
        installation.close();
    }
}
