package dev.peregrine.bench.wire;

import java.util.List;

/**
 * What to measure.
 *
 * @param rounds how often
 * @param seconds of each measurement
 * @param warmUpSeconds of traffic before anything is measured, for whoever compiles while running
 * @param command how this was asked for
 */
record Plan(
        List<Mode> modes,
        List<Row> rows,
        List<Contender> contenders,
        int rounds,
        double seconds,
        double warmUpSeconds,
        Placement placement,
        String command) {
    /** The contenders that take part in a row. */
    List<Contender> contenders(Row row) {
        return contenders.stream().filter(row::suits).toList();
    }

    /** The rows of a mode. */
    List<Row> rows(Mode mode) {
        return rows.stream().filter(row -> row.isIn(mode)).toList();
    }

    /** Measurements in a mode. */
    int measurements(Mode mode) {
        return rounds * rows(mode).stream().mapToInt(row -> contenders(row).size()).sum();
    }

    /** About how long all rounds of a mode take. */
    double seconds(Mode mode) {
        return rounds
                * rows(mode).stream()
                        .mapToDouble(row -> contenders(row).size() * (seconds + row.overheadSeconds()))
                        .sum();
    }
}
