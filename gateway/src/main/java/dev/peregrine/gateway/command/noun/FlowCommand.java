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
import dev.peregrine.gateway.control.request.FlowFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
            description = {
                "The flows, those with most packets first, 10,000 at most: flow list [FILTER] [COLUMN VALUE]…",
                "FILTER: vni N, src and dst MAC or IP[/LEN], port N (of either side), proto tcp|udp|icmp|icmp6.",
                "Example: flow list src 198.19.0.0/24 port 443"
            })
    int list(
            @Parameters(
                            paramLabel = "[FILTER]",
                            hideParamSyntax = true,
                            description = "which flows; or [COLUMN VALUE]…, such as: worker worker-0")
                    @Nullable
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        List<String> filter = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        List<String> given = words == null ? List.of() : words;
        for (int i = 0; i < given.size(); i += 2) { // the gateway is asked with keywords of a filter
            List<String> into = FlowFilter.KEYWORDS.contains(given.get(i)) ? filter : columns;
            into.addAll(given.subList(i, Math.min(i + 2, given.size())));
        }
        RowFilter rows = RowFilter.of(columns, COLUMNS);
        JsonNode flows = globals.client().call("flow list", new FlowFilter(filter));
        return ListCommand.print(globals, "flow", COLUMNS, view, rows.choose(flows));
    }

    @Command(name = "stats", description = "Entries, hits, misses, evictions, and flows that were out of date.")
    int stats() throws CommandFailed {
        return globals.printFields(globals.client().call("flow stats"), 15, field -> field);
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
