package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.control.request.StateFilter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The connection table behind {@code replies}. */
@Command(name = "state", description = "The connection table: flows that policies with replies have let pass.")
public final class StateCommand {
    private static final String FILTER =
            "FILTER: vni N, src and dst (MAC | IP[/LEN]), port N, proto (tcp | udp | icmp | arp); all that is given must hold.";
    private static final Columns COLUMNS =
            Columns.of("vni port direction protocol source sourcePort destination destinationPort"
                    + " state assured idleSeconds expiresSeconds");

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
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows")
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        return ListCommand.print(
                globals, "state", COLUMNS, view, globals.client().call("state list", filter(words)));
    }

    @Command(name = "stats", description = "Entries, and how many were opened, expired, evicted, refused and flushed.")
    int stats() throws CommandFailed {
        return globals.printFields(globals.client().call("state stats"), 12, field -> field);
    }

    @Command(
            name = "flush",
            description = {"Ends the flows, so that their next packets meet the rules: state flush [FILTER]", FILTER})
    int flush(
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows")
                    List<String> words)
            throws CommandFailed {
        JsonNode result = globals.client().call("state flush", filter(words));
        globals.print(result, () -> globals.err().println(result.path("removed").asText() + " flows ended"));
        return Exit.DONE;
    }

    private static StateFilter filter(List<String> words) throws CommandFailed {
        Words given = new Words(words).takeKeywords("vni", "src", "dst", "port", "proto");
        return new StateFilter(
                given.vni(), given.text("src"), given.text("dst"), given.text("port"), given.text("proto"));
    }
}
