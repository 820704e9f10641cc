package dev.peregrine.gateway.command.top;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Rows in columns of fixed widths, of which the first takes what the others leave of the line. */
final class Grid {
    private static final int GAP = 1;
    private static final int LEAST = 8;
    private static final String[] UNITS = {"", "k", "M", "G", "T"};
    private static final double THOUSAND = 1000;

    private record Column(String title, int width, Function<JsonNode, String> text) {}

    private final String title;
    private final Function<JsonNode, String> first;
    private final List<Column> columns = new ArrayList<>();

    /** A grid whose first column is as wide as there is room, and to the left. */
    Grid(String title, Function<JsonNode, String> first) {
        this.title = title;
        this.first = first;
    }

    /** Adds a column, to the right. */
    Grid column(String columnTitle, int width, Function<JsonNode, String> text) {
        columns.add(new Column(columnTitle, width, text));
        return this;
    }

    /** Adds the lines of at most {@code most} rows, if there are any, below their titles. */
    void print(List<JsonNode> rows, int most, int width, List<String> lines) {
        if (rows.isEmpty() || most < 1) return;
        lines.add(line(title, width, Column::title));
        for (JsonNode row : rows.subList(0, Math.min(most, rows.size()))) {
            lines.add(line(first.apply(row), width, column -> column.text.apply(row)));
        }
    }

    private String line(String beginning, int width, Function<Column, String> cell) {
        int taken = columns.stream().mapToInt(column -> column.width + GAP).sum();
        int left = Math.max(LEAST, width - taken);
        StringBuilder line = new StringBuilder(cut(beginning, left));
        line.repeat(' ', left - line.length());
        for (Column column : columns) {
            String text = cut(cell.apply(column), column.width);
            line.repeat(' ', GAP + column.width - text.length()).append(text);
        }
        return line.toString().stripTrailing();
    }

    /** A text that is not longer than {@code most}. */
    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, Math.max(0, most - 1)) + "…";
    }

    /** A number in at most six characters, as in {@code 812.3k}. */
    static String number(double value) {
        double left = value;
        int unit = 0;
        // A value that would be rounded to a thousand has the next unit.
        while (left >= THOUSAND - (unit == 0 ? 0.5 : 0.05) && unit < UNITS.length - 1) {
            left /= THOUSAND;
            unit++;
        }
        boolean isWhole = unit == 0 && (left >= 10 || left == Math.rint(left));
        return String.format(Locale.ROOT, isWhole ? "%.0f%s" : "%.1f%s", left, UNITS[unit]);
    }
}
