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

    private static final String KEY = "MAC vni N";
    private static final String ENTRY = KEY + " (vtep IP | port NAME) [static | sticky]";
    private static final String ENTRY_MEANING = "the entry; vtep may be called dst, as in bridge fdb";
    private static final String CHOICE = "[vni N] [port NAME] [vtep IP] [dynamic] [static]";

    private final Globals globals;

    FdbCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", description = "The entries: fdb list [vni N]")
    int list(@Parameters(paramLabel = "[vni N]", hideParamSyntax = true, description = "which VNI") List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).keywords("vni");
        ListCommand.print(globals, "fdb", COLUMNS, globals.client().call("fdb list", arguments));
        return Exit.DONE;
    }

    @Command(
            name = "add",
            description = {
                "Adds an entry, in the place of a learned one: fdb add " + ENTRY,
                "A static entry neither ages nor moves, a sticky one does not move; without a word it is as if just learned.",
                "A static entry that is there already stays, and adding is refused: see fdb replace."
            })
    int add(@Parameters(paramLabel = ENTRY, hideParamSyntax = true, description = ENTRY_MEANING) List<String> words)
            throws CommandFailed {
        return put("fdb add", words);
    }

    @Command(
            name = "replace",
            description = {
                "Adds an entry in the place of any that a command has made, a static one too: fdb replace " + ENTRY,
                "Entries of the configuration file and of ports' own MAC addresses stay."
            })
    int replace(@Parameters(paramLabel = ENTRY, hideParamSyntax = true, description = ENTRY_MEANING) List<String> words)
            throws CommandFailed {
        return put("fdb replace", words);
    }

    private int put(String command, List<String> words) throws CommandFailed {
        ObjectNode arguments = words(words).mac().keywords("vni", "vtep", "port", "static", "sticky");
        if (!arguments.has("vni")) throw Words.usage("no vni", "vni N");
        if (arguments.has("vtep") == arguments.has("port")) {
            throw Words.usage(arguments.has("port") ? "both vtep and port" : "neither vtep nor port", "one of the two");
        }
        return change(command, arguments);
    }

    @Command(
            name = "del",
            description = {
                "Removes an entry: fdb del " + KEY,
                "Entries of the configuration file and of ports' own MAC addresses stay."
            })
    int del(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, description = "the entry's address")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).mac().keywords("vni");
        if (!arguments.has("vni")) throw Words.usage("no vni", "vni N");
        return change("fdb del", arguments);
    }

    @Command(
            name = "flush",
            description = {
                "Removes the entries that match all that is given: fdb flush " + CHOICE,
                "Without a kind the dynamic ones go, sticky ones among them; with static those static ones that commands"
                        + " have made. Entries of the configuration file and of ports' own MAC addresses stay."
            })
    int flush(
            @Parameters(
                            paramLabel = CHOICE,
                            hideParamSyntax = true,
                            description = "which entries; vtep may be called dst")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).keywords("vni", "port", "vtep", "dynamic", "static");
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
