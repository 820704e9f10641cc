package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The connection table behind {@code replies}. */
@Command(name = "state", description = "The connection table: flows that policies with replies have let pass.")
final class StateCommand {
    private static final String FILTER =
            "FILTER: vni N, src and dst (MAC | IP[/LEN]), port N, proto (tcp | udp | icmp | arp); all that is given must hold.";
    private static final Columns COLUMNS = new Columns(
            "vni",
            "port",
            "direction",
            "protocol",
            "source",
            "sourcePort",
            "destination",
            "destinationPort",
            "state",
            "assured",
            "idleSeconds",
            "expiresSeconds");

    private final Globals globals;

    StateCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "list",
            description = {"The flows, those that sent last first, 10,000 at most: state list [FILTER]", FILTER})
    int list(
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows")
                    List<String> words)
            throws CommandFailed {
        ListCommand.print(globals, "state", COLUMNS, globals.client().call("state list", filter(words)));
        return Exit.DONE;
    }

    @Command(name = "stats", description = "Entries, and how many were opened, expired, evicted, refused and flushed.")
    int stats() throws CommandFailed {
        JsonNode stats = globals.client().call("state stats", Globals.mapper().createObjectNode());
        if (globals.json()) {
            globals.print(stats);
        } else {
            stats.properties()
                    .forEach(field -> globals.out()
                            .println(String.format(
                                    "%-12s %s", field.getKey(), field.getValue().asText())));
        }
        return Exit.DONE;
    }

    @Command(
            name = "flush",
            description = {"Ends the flows, so that their next packets meet the rules: state flush [FILTER]", FILTER})
    int flush(
            @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, description = "which flows")
                    List<String> words)
            throws CommandFailed {
        JsonNode result = globals.client().call("state flush", filter(words));
        if (globals.json()) globals.print(result);
        else globals.err().println(result.path("removed").asText() + " flows ended");
        return Exit.DONE;
    }

    private static ObjectNode filter(List<String> words) throws CommandFailed {
        return new Words(words == null ? List.of() : words).keywords("vni", "src", "dst", "port", "proto");
    }
}
