package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.NeighbourRow;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.NeighbourKey;
import java.net.InetAddress;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The neighbours that the gateway answers ARP and neighbour discovery for. */
@Command(
        name = "neighbour",
        description = "MAC addresses of IP addresses, for which VNIs with suppressNeighbours answer ARP and neighbour"
                + " discovery.")
public final class NeighbourCommand {
    private static final Columns COLUMNS = Columns.of(NeighbourRow.class);
    private static final String ENTRY = "IP lladdr MAC vni N";
    private static final String KEY = "IP vni N";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public NeighbourCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "list",
            aliases = "show",
            description = {
                "The neighbours: neighbour list [vni N]",
                "State: static; reachable (requests are answered); stale (the next request asks the host itself); doubted"
                        + " (requests are flooded until the host sends something). Requests for an address whose MAC is behind"
                        + " no VTEP are not answered here."
            })
    int list(
            @Parameters(paramLabel = "[vni N]", hideParamSyntax = true, description = "which VNI") List<String> words,
            @Mixin View view)
            throws CommandFailed {
        NeighbourFilter filter =
                new NeighbourFilter(new Words(words).takeKeywords("vni").vni());
        return ListCommand.print(
                globals, "neighbour", COLUMNS, view, globals.client().call("neighbour list", filter));
    }

    @Command(
            name = "add",
            description = {
                "Adds a static neighbour, in the place of a learned one: neighbour add " + ENTRY,
                "It is there until the gateway ends. A static one that is there already stays: see neighbour replace."
            })
    int add(@Parameters(paramLabel = ENTRY, hideParamSyntax = true, description = "the neighbour") List<String> words)
            throws CommandFailed {
        return put("neighbour add", words);
    }

    @Command(
            name = "replace",
            description =
                    "Adds a static neighbour in the place of any that a command has made: neighbour replace " + ENTRY)
    int replace(
            @Parameters(paramLabel = ENTRY, hideParamSyntax = true, description = "the neighbour") List<String> words)
            throws CommandFailed {
        return put("neighbour replace", words);
    }

    private int put(String command, List<String> words) throws CommandFailed {
        Words given = new Words(words);
        InetAddress address = given.takeAddress();
        given.takeKeywords("lladdr", "vni", "permanent", "nud");
        MacAddress mac = given.requiredLinkAddress();
        globals.client().call(command, new NeighbourAddition(address, mac, given.requiredVni()));
        return globals.changed();
    }

    @Command(
            name = "del",
            aliases = "delete",
            description = {
                "Removes a neighbour: neighbour del " + KEY,
                "Those of the configuration file stay. A learned one is learned again when its host sends ARP or neighbour"
                        + " discovery."
            })
    int delete(@Parameters(paramLabel = KEY, hideParamSyntax = true, description = "the neighbour") List<String> words)
            throws CommandFailed {
        Words given = new Words(words);
        InetAddress address = given.takeAddress();
        Vni vni = given.takeKeywords("vni", "lladdr").requiredVni();
        globals.client().call("neighbour del", new NeighbourKey(address, vni));
        return globals.changed();
    }
}
