package dev.peregrine.gateway.command.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which rows of a list are wanted: those that have certain values in certain columns. */
public final class RowFilter {
    private final Map<String, String> wanted;

    private RowFilter(Map<String, String> wanted) {
        this.wanted = wanted;
    }

    /** Of words that name columns and their values in turn; null for none. */
    public static RowFilter of(@Nullable List<String> words, Columns columns) throws CommandFailed {
        Map<String, String> wanted = new LinkedHashMap<>();
        List<String> given = words == null ? List.of() : words;
        for (int i = 0; i < given.size(); i += 2) {
            String field = columns.find(given.get(i));
            if (i + 1 == given.size()) throw CommandFailed.usage("found no value of " + field + "; expected one");
            if (wanted.put(field, given.get(i + 1)) != null) throw CommandFailed.usage(field + " is given twice");
        }
        return new RowFilter(wanted);
    }

    /** The rows that have all the values. */
    public List<JsonNode> choose(Iterable<JsonNode> rows) {
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode row : rows) {
            boolean fits = wanted.entrySet().stream()
                    .allMatch(pair -> has(Columns.cell(row.path(pair.getKey())), pair.getValue()));
            if (fits) chosen.add(row);
        }
        return chosen;
    }

    /** Whether a cell is a value, or has it among its words, as a list of VNIs does. */
    private static boolean has(String cell, String value) {
        return cell.equalsIgnoreCase(value) || List.of(cell.split(" ")).contains(value);
    }
}
