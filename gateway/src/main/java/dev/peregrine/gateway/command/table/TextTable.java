package dev.peregrine.gateway.command.table;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Aligned text: numbers to the right, everything else to the left. */
final class TextTable {
    private static final String GAP = "  ";
    private static final String CUT = "…";

    /** A last column that would have less than this is left out. */
    private static final int LEAST_CUT = 12;

    private final List<Column> columns;

    /**
     * A column.
     *
     * @param isRight whether its cells stand at its right edge
     */
    record Column(String header, List<String> cells, boolean isRight) {
        int width() {
            return cells.stream().mapToInt(String::length).reduce(header.length(), Math::max);
        }

        boolean isEmpty() {
            return cells.stream().allMatch(Columns.ABSENT::equals);
        }

        private String line(int index) {
            return index == 0 ? header : cells.get(index - 1);
        }
    }

    TextTable(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Without the columns in which no row has anything; the first one stays. */
    TextTable withoutEmpty() {
        List<Column> kept = new ArrayList<>();
        for (Column column : columns) {
            if (kept.isEmpty() || !column.isEmpty()) kept.add(column);
        }
        return new TextTable(kept);
    }

    /** As many of the first columns as fit; the last of them is cut if it is text. */
    TextTable fit(int width) {
        List<Column> kept = new ArrayList<>();
        int used = 0;
        for (Column column : columns) {
            int gap = kept.isEmpty() ? 0 : GAP.length();
            int left = width - used - gap;
            if (column.width() > left) {
                boolean canBeCut = !column.isRight()
                        && left >= Math.max(LEAST_CUT, column.header().length());
                if (canBeCut || kept.isEmpty()) kept.add(cut(column, Math.max(left, 1)));
                break;
            }
            kept.add(column);
            used += gap + column.width();
        }
        return new TextTable(kept);
    }

    private static Column cut(Column column, int width) {
        List<String> cells = column.cells().stream()
                .map(cell -> cell.length() <= width ? cell : cell.substring(0, width - CUT.length()) + CUT)
                .toList();
        return new Column(column.header(), cells, column.isRight());
    }

    /** The headers of the columns that another table of the same rows has and this one has not. */
    List<String> missing(TextTable whole) {
        return whole.columns.stream().map(Column::header).skip(columns.size()).toList();
    }

    void print(PrintWriter out) {
        int lines = columns.isEmpty() ? 0 : 1 + columns.getFirst().cells().size();
        int[] widths = columns.stream().mapToInt(Column::width).toArray();
        for (int line = 0; line < lines; line++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                Column column = columns.get(i);
                String cell = column.line(line);
                String padding = " ".repeat(widths[i] - cell.length());
                text.append(i == 0 ? "" : GAP).append(column.isRight() ? padding + cell : cell + padding);
            }
            out.println(text.toString().stripTrailing());
        }
    }
}
