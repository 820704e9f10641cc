package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.RowFilter;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.control.report.DropRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Drops by reason. */
@Command(name = "drop", description = "Why packets were dropped.")
public final class DropCommand {
    private static final Columns COLUMNS = Columns.of(DropRow.class);

    private final Globals globals;

    /** The command with the options that all commands share. */
    public DropCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "list",
            aliases = "show",
            description = {
                "The reasons for which packets were dropped, the most frequent first: drop list [COLUMN VALUE]…",
                "PER SECOND is of the last full second, LAST SECONDS how long ago the last drop was; VNI, VTEP, port, source MAC"
                        + " and errno are those of a packet of that time, as far as they were known. JSON has all reasons."
            })
    int list(
            @Parameters(
                            paramLabel = "[COLUMN VALUE]…",
                            hideParamSyntax = true,
                            description = "only rows that have the value in the column, such as: lastVni 42")
                    List<String> words,
            @Option(names = "--all", description = "Show reasons that have not occurred, too.") boolean all,
            @Mixin View view)
            throws CommandFailed {
        List<JsonNode> rows = new ArrayList<>(
                RowFilter.of(words, COLUMNS).choose(globals.client().call("drop list")));
        if (!all && !globals.json()) rows.removeIf(row -> row.path("count").asLong() == 0);
        rows.sort(Comparator.comparingLong((JsonNode row) -> row.path("count").asLong())
                .reversed());
        return ListCommand.print(globals, "drop", COLUMNS, view, rows);
    }
}
