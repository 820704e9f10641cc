package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.control.report.policy.StateRow;
import dev.peregrine.gateway.control.request.policy.StateFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The connection table behind {@code replies}. */
@Command(name = "state", description = "The connection table: flows that policies with replies have let pass.")
public final class StateCommand {
    private static final String FILTER =
            "FILTER: as that of trace, without drop; all that is given must hold. The source sent the first packet.";
    private static final Columns COLUMNS = Columns.of(StateRow.class);

    private final Globals globals;

    /** The command with the options that all commands share. */
    public StateCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "list",
            aliases = "show",
            description = {"The flows, those that sent last first, 10,000 at most: state list [FILTER]", FILTER})
    int list(
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows") @Nullable
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        return ListCommand.print(
                globals, "state", COLUMNS, view, globals.client().call("state list", new StateFilter(words)));
    }

    @Command(name = "stats", description = "Entries, and how many were opened, expired, evicted, refused and flushed.")
    int stats() throws CommandFailed {
        return globals.printFields(globals.client().call("state stats"), 12, field -> field);
    }

    @Command(
            name = "flush",
            description = {"Ends the flows, so that their next packets meet the rules: state flush [FILTER]", FILTER})
    int flush(
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows") @Nullable
                    List<String> words)
            throws CommandFailed {
        JsonNode result = globals.client().call("state flush", new StateFilter(words));
        globals.print(result, () -> globals.err().println(result.path("removed").asText() + " flows ended"));
        return Exit.DONE;
    }
}
