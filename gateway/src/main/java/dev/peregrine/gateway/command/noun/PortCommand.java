package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.change.PortAddition;
import dev.peregrine.gateway.control.request.change.PortKey;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Local ports: adds and removes them. */
@Command(name = "port")
public final class PortCommand {
    private static final String ADDITION = "NAME vni N type TYPE [KEY VALUE]...";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public PortCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "add",
            description = {
                "Adds a port, until the gateway ends or reloads a file without it: port add " + ADDITION,
                "Keys and values are those of the configuration file: port add web vni 42 type tap device eth0 netns cB"
                        + " addresses 198.19.0.2/24",
                "Or the whole port as YAML: port add '{name: web, type: tap, device: eth0}' vni 42"
            })
    int add(
            @Parameters(paramLabel = ADDITION, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        String name = words.getFirst();
        if (words.size() < 3 || !words.get(1).equals("vni")) {
            throw Words.usage(words.size() < 2 ? "nothing behind " + name : words.get(1), "vni N");
        }
        Vni vni = new Words(words.subList(1, 3)).takeKeywords("vni").requiredVni();
        List<String> rest = words.subList(3, words.size());
        String port = name.startsWith("{") ? whole(name, rest) : Settings.mapping("name: " + name, rest);
        return Outcomes.print(globals, globals.patientClient().call("port add", new PortAddition(vni, port)));
    }

    private static String whole(String yaml, List<String> rest) throws CommandFailed {
        if (!rest.isEmpty()) throw Words.usage(rest.getFirst(), "nothing more behind a port in YAML");
        return yaml;
    }

    @Command(
            name = "del",
            description = {
                "Removes a port with its device and the FDB entries that lead to it: port del NAME",
                "Other ports are not disturbed. Example: port del web"
            })
    int del(@Parameters(paramLabel = "NAME", description = "the port") String name) throws CommandFailed {
        return Outcomes.print(globals, globals.patientClient().call("port del", new PortKey(name)));
    }
}
