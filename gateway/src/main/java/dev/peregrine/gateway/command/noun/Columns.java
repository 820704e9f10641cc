package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows of a list command as aligned text: numbers to the right, everything else to the left. */
public final class Columns {
    private static final String ABSENT = "-";

    private final List<String> fields;

    private Columns(List<String> fields) {
        this.fields = fields;
    }

    /**
     * Columns of JSON fields.
     *
     * @param fields those to show, in order, with spaces between
     */
    public static Columns of(String fields) {
        return new Columns(List.of(fields.split(" ")));
    }

    void print(JsonNode rows, PrintWriter out) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(fields.stream().map(Columns::header).toList());
        for (JsonNode row : rows) {
            lines.add(fields.stream().map(field -> cell(row.path(field))).toList());
        }
        int[] widths = new int[fields.size()];
        boolean[] right = new boolean[fields.size()];
        for (int column = 0; column < widths.length; column++) {
            for (List<String> line : lines) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
            right[column] = isNumeric(rows, fields.get(column));
        }
        for (List<String> line : lines) out.println(format(line, widths, right));
    }

    private static String format(List<String> cells, int[] widths, boolean[] right) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : "  ").append(right[column] ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    private static boolean isNumeric(JsonNode rows, String field) {
        for (JsonNode row : rows) {
            JsonNode value = row.path(field);
            if (!value.isNumber() && !value.isNull() && !value.isMissingNode()) return false;
        }
        return true;
    }

    /** {@code rxPackets} as {@code RX PACKETS}. */
    static String header(String field) {
        return field.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT);
    }

    static String cell(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) return ABSENT;
        if (value.isBoolean()) return value.booleanValue() ? "yes" : "no";
        if (value.isFloatingPointNumber()) return String.format(Locale.ROOT, "%.1f", value.doubleValue());
        String text = value.asText();
        return text.isEmpty() ? ABSENT : text;
    }
}
