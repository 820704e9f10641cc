package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.util.List;

/** The contenders, and the rows and modes in which they are measured. */
public record Lineup(List<Mode> modes, List<Row> rows, List<Contender> contenders, Placement placement) {
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
        return rows.stream().filter(row -> row.modes().contains(mode)).toList();
    }
}
