package dev.peregrine.gateway.command.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.config.schema.Nearest;
import dev.peregrine.gateway.control.report.JsonOnly;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The columns of a list command: JSON fields, their headers, and how their values are written. */
public final class Columns {
    /** The text for a value that is not there. */
    static final String ABSENT = "-";

    /** Numbers that say which, or how long, not how many: they are never shortened. */
    private static final Set<String> EXACT = Set.of(
            "vni", "lastVni", "mtu", "pathMtu", "cpu", "position", "sourcePort", "destinationPort", "shadow", "id");

    private static final long THOUSAND = 1000;
    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

    private final List<String> fields;

    private Columns(List<String> fields) {
        this.fields = fields;
    }

    /** The components of a row's record, in their order, but for those that are {@link JsonOnly}. */
    public static Columns of(Class<? extends Record> row) {
        return new Columns(Arrays.stream(row.getRecordComponents())
                .filter(component -> !component.isAnnotationPresent(JsonOnly.class))
                .map(RecordComponent::getName)
                .toList());
    }

    /** The rows as a table, the header first; {@code human} shortens large counts. */
    TextTable table(List<JsonNode> rows, boolean human) {
        List<TextTable.Column> columns = new ArrayList<>();
        for (String field : fields) {
            List<String> cells = rows.stream()
                    .map(row -> human && isCount(field, row.path(field))
                            ? shortened(row.path(field))
                            : cell(row.path(field)))
                    .toList();
            columns.add(new TextTable.Column(header(field), cells, isNumeric(rows, field)));
        }
        return new TextTable(columns);
    }

    /**
     * The field that a user calls by its name or header, such as {@code rxPackets}, {@code "RX PACKETS"} or
     * {@code rx-packets}.
     */
    String find(String name) throws CommandFailed {
        String wanted = plain(name);
        List<String> same =
                fields.stream().filter(field -> plain(field).equals(wanted)).toList();
        List<String> known = same.isEmpty()
                ? fields.stream()
                        .filter(field -> plain(field).startsWith(wanted))
                        .toList()
                : same;
        if (known.size() == 1) return known.getFirst();
        String hint = Nearest.to(name, fields)
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse("");
        throw CommandFailed.usage("found " + name + "; expected a column, one of " + String.join(", ", fields) + hint);
    }

    private static String plain(String name) {
        return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    }

    /** Whether there are numbers alone, apart from what is not there. */
    private static boolean isNumeric(List<JsonNode> rows, String field) {
        boolean hasNumber = false;
        for (JsonNode row : rows) {
            JsonNode value = row.path(field);
            if (!value.isNumber() && !value.isNull() && !value.isMissingNode()) return false;
            hasNumber |= value.isNumber();
        }
        return hasNumber;
    }

    private static boolean isCount(String field, JsonNode value) {
        return value.isIntegralNumber() && !EXACT.contains(field) && !field.endsWith("Seconds");
    }

    /** As in {@code 1.2k}: three digits at most, and a prefix of the SI. */
    private static String shortened(JsonNode value) {
        double rest = value.longValue();
        int prefix = 0;
        while (Math.abs(rest) >= THOUSAND && prefix < PREFIXES.length - 1) {
            rest /= THOUSAND;
            prefix++;
        }
        String format = prefix == 0 || Math.abs(rest) >= 100 ? "%.0f%s" : "%.1f%s";
        return String.format(Locale.ROOT, format, rest, PREFIXES[prefix]);
    }

    /** {@code rxPackets} as {@code RX PACKETS}. */
    public static String header(String field) {
        return field.equals("load")
                ? "LOAD %"
                : field.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT);
    }

    static String cell(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) return ABSENT;
        if (value.isBoolean()) return value.booleanValue() ? "yes" : "no";
        if (value.isFloatingPointNumber()) return String.format(Locale.ROOT, "%.1f", value.doubleValue());
        String text = value.asText();
        return text.isEmpty() ? ABSENT : text;
    }
}
