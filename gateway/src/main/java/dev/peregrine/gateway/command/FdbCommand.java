package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The FDB: MAC addresses and the ports or remote VTEPs that they are behind. */
@Command(name = "fdb", description = "MAC addresses and the ports or remote VTEPs that they are behind.")
final class FdbCommand {
    private static final Columns COLUMNS = new Columns("mac", "vni", "port", "vtep", "state", "ageSeconds", "sticky");

    private final Globals globals;

    FdbCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", description = "The entries: fdb list [vni N]")
    int list(@Parameters(paramLabel = "WORD", description = "vni N") List<String> words) throws CommandFailed {
        ObjectNode arguments = words(words).keywords("vni");
        ListCommand.print(globals, "fdb", COLUMNS, globals.client().call("fdb list", arguments));
        return Exit.DONE;
    }

    @Command(
            name = "add",
            description = {
                "Adds an entry, or replaces it: fdb add MAC vni N (vtep IP | port NAME) [static | sticky]",
                "A static entry neither ages nor moves, a sticky one does not move; without a word it is as if just learned."
            })
    int add(
            @Parameters(paramLabel = "WORD", description = "MAC vni N (vtep IP | port NAME) [static | sticky]")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).mac().keywords("vni", "vtep", "port", "static", "sticky");
        if (!arguments.has("vni")) throw Words.usage("no vni", "vni N");
        if (arguments.has("vtep") == arguments.has("port")) {
            throw Words.usage(arguments.has("port") ? "both vtep and port" : "neither vtep nor port", "one of the two");
        }
        return change("fdb add", arguments);
    }

    @Command(name = "del", description = "Removes an entry: fdb del MAC vni N")
    int del(@Parameters(paramLabel = "WORD", description = "MAC vni N") List<String> words) throws CommandFailed {
        ObjectNode arguments = words(words).mac().keywords("vni");
        if (!arguments.has("vni")) throw Words.usage("no vni", "vni N");
        return change("fdb del", arguments);
    }

    @Command(
            name = "flush",
            description = {
                "Removes the entries that match all that is given: fdb flush [vni N] [port NAME] [vtep IP] [dynamic]",
                "With dynamic, static entries stay."
            })
    int flush(
            @Parameters(paramLabel = "WORD", description = "[vni N] [port NAME] [vtep IP] [dynamic]")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).keywords("vni", "port", "vtep", "dynamic");
        JsonNode result = globals.client().call("fdb flush", arguments);
        if (globals.json()) globals.print(result);
        else globals.err().println(result.path("removed").asText() + " entries removed");
        return Exit.DONE;
    }

    private int change(String command, ObjectNode arguments) throws CommandFailed {
        globals.client().call(command, arguments);
        if (globals.json()) globals.print(Globals.mapper().createObjectNode());
        return Exit.DONE;
    }

    private static Words words(List<String> words) {
        return new Words(words == null ? List.of() : words);
    }
}
