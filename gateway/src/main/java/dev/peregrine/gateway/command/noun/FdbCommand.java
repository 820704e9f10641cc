package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The FDB: MAC addresses and the ports or remote VTEPs that they are behind. */
@Command(name = "fdb", description = "MAC addresses and the ports or remote VTEPs that they are behind.")
public final class FdbCommand {
    private static final Columns COLUMNS = Columns.of(FdbRow.class);

    private static final String FLOOD = "00:00:00:00:00:00 dst IP vni N";
    private static final String KEY = "MAC vni N";
    private static final String ENTRY = KEY + " (vtep IP | port NAME) [static | sticky]";
    private static final String ENTRY_MEANING = "the entry; vtep may be called dst, as in bridge fdb";
    private static final String CHOICE = "[vni N] [port NAME] [vtep IP] [dynamic] [static]";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public FdbCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", aliases = "show", description = "The entries: fdb list [vni N]")
    int list(
            @Parameters(paramLabel = "[vni N]", hideParamSyntax = true, description = "which VNI") List<String> words,
            @Mixin View view)
            throws CommandFailed {
        FdbFilter filter = new FdbFilter(new Words(words).takeKeywords("vni").vni());
        return ListCommand.print(globals, "fdb", COLUMNS, view, globals.client().call("fdb list", filter));
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

    @Command(
            name = "append",
            description = {
                "Adds a VTEP to a VNI's flood list, as bridge fdb does: fdb append 00:00:00:00:00:00 dst IP vni N",
                "The same as flood add; other MAC addresses have one place: see fdb replace."
            })
    int append(
            @Parameters(paramLabel = FLOOD, hideParamSyntax = true, description = "the VTEP and the VNI")
                    List<String> words)
            throws CommandFailed {
        Words given = new Words(words);
        if (!given.takeZeroMac()) {
            throw Words.usage(words == null ? "nothing" : words.getFirst(), "00:00:00:00:00:00, for a flood list");
        }
        return flood("flood add", given);
    }

    /** Changes a flood list, which {@code bridge fdb} has as entries of the MAC address of zeros. */
    private int flood(String command, Words given) throws CommandFailed {
        given.takeKeywords("vni", "vtep", "static");
        if (given.vtep() == null) throw Words.usage("no dst", "dst IP");
        globals.client().call(command, new RemoteKey(given.requiredVni(), given.vtep()));
        return globals.changed();
    }

    private int put(String command, List<String> words) throws CommandFailed {
        Words entry = new Words(words);
        if (entry.takeZeroMac()) return flood("flood add", entry);
        MacAddress mac = entry.takeMac();
        entry.takeKeywords("vni", "vtep", "port", "static", "sticky");
        if (entry.has("vtep") == entry.has("port")) {
            throw Words.usage(entry.has("port") ? "both vtep and port" : "neither vtep nor port", "one of the two");
        }
        FdbAddition addition = new FdbAddition(
                mac, vni(entry), entry.vtep(), entry.text("port"), entry.has("static"), entry.has("sticky"));
        globals.client().call(command, addition);
        return globals.changed();
    }

    /** The VNI of an entry: the one that is given, or that of its port. */
    private Vni vni(Words entry) throws CommandFailed {
        String port = entry.text("port");
        if (entry.vni() != null || port == null) return entry.requiredVni();
        for (JsonNode row : globals.client().call("port list")) {
            if (row.path("name").asText().equals(port))
                return new Vni(row.path("vni").asInt());
        }
        throw new CommandFailed(Exit.REFUSED, "there is no port " + port);
    }

    @Command(
            name = "del",
            aliases = "delete",
            description = {
                "Removes an entry: fdb del " + KEY,
                "Entries of the configuration file and of ports' own MAC addresses stay."
            })
    int del(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, description = "the entry's address")
                    List<String> words)
            throws CommandFailed {
        Words entry = new Words(words);
        if (entry.takeZeroMac()) return flood("flood del", entry);
        MacAddress mac = entry.takeMac();
        Vni vni = entry.takeKeywords("vni").requiredVni();
        globals.client().call("fdb del", new FdbKey(mac, vni));
        return globals.changed();
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
        Words given = new Words(words).takeKeywords("vni", "port", "vtep", "dynamic", "static");
        FdbFlush flush =
                new FdbFlush(given.vni(), given.text("port"), given.vtep(), given.has("dynamic"), given.has("static"));
        JsonNode result = globals.client().call("fdb flush", flush);
        globals.print(result, () -> globals.err().println(result.path("removed").asText() + " entries removed"));
        return Exit.DONE;
    }
}
