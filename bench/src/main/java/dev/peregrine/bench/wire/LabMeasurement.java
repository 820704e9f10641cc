package dev.peregrine.bench.wire;

import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.drops.LabCounters;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Installation;
import dev.peregrine.bench.wire.lab.Pause;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.bench.wire.row.Row;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** A row of a contender in its lab, which is paused before and after. */
record LabMeasurement(Row row, Contender contender, Labs labs, Placement placement) implements Case.Measurement {
    private static final double SETTLE_SECONDS = 0.1;
    /** To let traffic settle, and to read all counters before and after. */
    private static final double READING_SECONDS = 0.4;

    /** A measurement within a lab that runs. */
    @FunctionalInterface
    private interface InLab<T> {
        T measure(Labs.Entrant entrant, Ends ends) throws IOException;
    }

    /** The traffic of the row alone: enough to warm a JVM up. */
    @Override
    public Map<String, Double> measure(double seconds) throws IOException {
        return running((entrant, ends) -> row.traffic().measure(ends, placement, seconds));
    }

    /** The same, and reads all counters before and after. */
    @Override
    public Case.Reading read(double seconds) throws IOException {
        return running((entrant, ends) -> {
            LabCounters counters = LabCounters.start(entrant.lab(), entrant.installation());
            Map<String, Double> metrics = row.traffic().measure(ends, placement, seconds);
            Pause.seconds(SETTLE_SECONDS); // gives packets in flight the time to arrive
            return new Case.Reading(metrics, counters.lost().counts());
        });
    }

    private <T> T running(InLab<T> measurement) throws IOException {
        Labs.Entrant entrant = labs.entrant(contender);
        Installation installation = entrant.installation();
        installation.resume();
        try {
            Pause.seconds(SETTLE_SECONDS);
            return measurement.measure(entrant, Ends.of(entrant.lab(), contender));
        } finally {
            installation.pause();
        }
    }

    /** Peregrine compiles while it runs: it gets some of all traffic before. */
    @Override
    public boolean isWarmedUp() {
        return contender.kind() == Contender.Kind.PEREGRINE;
    }

    @Override
    public double overheadSeconds() {
        return row.overheadSeconds() + READING_SECONDS;
    }

    @Override
    public Optional<Metric> mainMetric() {
        return Optional.of(row.metric());
    }
}
