package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.RowFilter;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.control.report.FlowRow;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The flow cache. */
@Command(name = "flow", description = "The flow cache: flows whose packets take the fast path.")
public final class FlowCommand {
    private static final Columns COLUMNS = Columns.of(FlowRow.class);

    private final Globals globals;

    /** The command with the options that all commands share. */
    public FlowCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "list",
            aliases = "show",
            description = "The flows, those with most packets first, 10,000 at most: flow list [COLUMN VALUE]…")
    int list(
            @Parameters(
                            paramLabel = "[COLUMN VALUE]…",
                            hideParamSyntax = true,
                            description = "only rows that have the value in the column, such as: vni 42")
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        RowFilter filter = RowFilter.of(words, COLUMNS);
        return ListCommand.print(
                globals, "flow", COLUMNS, view, filter.choose(globals.client().call("flow list")));
    }

    @Command(name = "stats", description = "Entries, hits, misses, evictions, and flows that were out of date.")
    int stats() throws CommandFailed {
        return globals.printFields(globals.client().call("flow stats"), 12, field -> field);
    }

    @Command(name = "flush", description = "Forgets all flows; their next packets take the slow path.")
    int flush() throws CommandFailed {
        JsonNode result = globals.client().call("flow flush");
        globals.print(result, () -> globals.err().println(result.path("removed").asText() + " flows removed"));
        return Exit.DONE;
    }

    @Command(name = "on", description = "Turns the fast path on.")
    int on() throws CommandFailed {
        return change("flow on");
    }

    @Command(name = "off", description = "Turns the fast path off: every packet takes the slow path.")
    int off() throws CommandFailed {
        return change("flow off");
    }

    private int change(String command) throws CommandFailed {
        globals.client().call(command);
        return globals.changed();
    }
}
