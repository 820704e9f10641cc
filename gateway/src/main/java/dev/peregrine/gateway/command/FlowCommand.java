package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** The flow cache. */
@Command(name = "flow", description = "The flow cache: flows whose packets take the fast path.")
final class FlowCommand {
    private static final Columns COLUMNS = new Columns(
            "vni",
            "protocol",
            "source",
            "sourcePort",
            "destination",
            "destinationPort",
            "in",
            "exit",
            "packets",
            "bytes",
            "ageSeconds",
            "idleSeconds",
            "state",
            "worker");

    private final Globals globals;

    FlowCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", description = "The flows, the first 10,000 of them.")
    int list() throws CommandFailed {
        ListCommand.print(globals, "flow", COLUMNS, call("flow list"));
        return Exit.DONE;
    }

    @Command(name = "stats", description = "Entries, hits, misses, evictions, and flows that were out of date.")
    int stats() throws CommandFailed {
        JsonNode stats = call("flow stats");
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

    @Command(name = "flush", description = "Forgets all flows; their next packets take the slow path.")
    int flush() throws CommandFailed {
        JsonNode result = call("flow flush");
        if (globals.json()) globals.print(result);
        else globals.err().println(result.path("removed").asText() + " flows removed");
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
        call(command);
        if (globals.json()) globals.print(Globals.mapper().createObjectNode());
        return Exit.DONE;
    }

    private JsonNode call(String command) throws CommandFailed {
        ObjectNode none = Globals.mapper().createObjectNode();
        return globals.client().call(command, none);
    }
}
