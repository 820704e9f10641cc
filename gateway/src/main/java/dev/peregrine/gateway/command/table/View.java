package dev.peregrine.gateway.command.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which rows of a list are shown, in which order, and how: options that all lists have. */
public final class View {
    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            description = "Sort by a column: numbers from the largest, words from A.")
    private @Nullable String sort;

    @Option(names = "--limit", paramLabel = "N", description = "Show the first N rows.")
    private @Nullable Integer limit;

    @Option(names = "--wide", description = "Show all columns in full on a terminal, too.")
    private boolean wide;

    @Option(names = "--human", description = "Write large counts as 1.2k, 3.4M, 5.6G (powers of 1000).")
    private boolean human;

    boolean isWide() {
        return wide;
    }

    boolean isHuman() {
        return human;
    }

    /** The rows to show; the lists of the gateway come in an order of their own. */
    List<JsonNode> choose(Iterable<JsonNode> all, Columns columns) throws CommandFailed {
        List<JsonNode> rows = new ArrayList<>();
        all.forEach(rows::add);
        if (sort != null) {
            rows.sort(order(columns.find(sort)));
        }
        if (limit != null && limit < 1) {
            throw CommandFailed.usage("--limit: found " + limit + "; expected 1 or more");
        }
        return limit == null || limit >= rows.size() ? rows : rows.subList(0, limit);
    }

    /** Values that are not there come last. */
    private static Comparator<JsonNode> order(String field) {
        return (one, other) -> {
            JsonNode first = one.path(field);
            JsonNode second = other.path(field);
            boolean hasFirst = !Columns.cell(first).equals(Columns.ABSENT);
            boolean hasSecond = !Columns.cell(second).equals(Columns.ABSENT);
            if (!hasFirst || !hasSecond) return Boolean.compare(hasSecond, hasFirst);
            if (first.isNumber() && second.isNumber()) return Double.compare(second.asDouble(), first.asDouble());
            return first.asText().compareToIgnoreCase(second.asText());
        };
    }
}
