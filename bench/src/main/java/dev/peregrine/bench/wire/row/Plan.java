package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.util.List;

/**
 * The measurements to take.
 *
 * @param rounds how often
 * @param seconds of each measurement
 * @param warmUpSeconds of traffic before anything is measured, for whoever compiles while running
 * @param command how this was asked for
 */
public record Plan(
        List<Mode> modes,
        List<Row> rows,
        List<Contender> contenders,
        int rounds,
        double seconds,
        double warmUpSeconds,
        Placement placement,
        String command) {
    private static final double INSTALLATION_SECONDS = 2;
    /** To let traffic settle, and to read all counters before and after. */
    private static final double READING_SECONDS = 0.4;

    /** The contenders that take part in a mode. */
    public List<Contender> contenders(Mode mode) {
        return contenders.stream()
                .filter(contender -> rows(mode).stream().anyMatch(row -> row.suits(contender)))
                .toList();
    }

    /** The contenders that take part in a row. */
    public List<Contender> contenders(Row row) {
        return contenders.stream().filter(row::suits).toList();
    }

    /** The rows of a mode. */
    public List<Row> rows(Mode mode) {
        return rows.stream().filter(row -> row.isIn(mode)).toList();
    }

    /** Measurements in a mode. */
    public int measurements(Mode mode) {
        return rounds
                * rows(mode).stream().mapToInt(row -> contenders(row).size()).sum();
    }

    /** About how long a measurement takes. */
    public double seconds(Row row) {
        return seconds + row.overheadSeconds() + READING_SECONDS;
    }

    /** About how long it takes to make a contender ready. */
    public double preparationSeconds(Mode mode, Contender contender) {
        double warmUp = contender.kind() == Contender.Kind.PEREGRINE
                ? rows(mode).stream()
                        .filter(row -> row.suits(contender))
                        .mapToDouble(row -> warmUpSeconds + row.overheadSeconds())
                        .sum()
                : 0;
        return INSTALLATION_SECONDS + warmUp;
    }

    /** About how long all of it takes. */
    public double totalSeconds() {
        double total = 0;
        for (Mode mode : modes) {
            for (Contender contender : contenders(mode)) {
                total += preparationSeconds(mode, contender);
            }
            for (Row row : rows(mode)) {
                total += rounds * contenders(row).size() * seconds(row);
            }
        }
        return total;
    }
}
