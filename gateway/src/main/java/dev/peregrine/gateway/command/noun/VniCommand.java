package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.change.VniAddition;
import dev.peregrine.gateway.control.request.change.VniKey;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** VNIs: adds and removes them. */
@Command(name = "vni")
public final class VniCommand {
    private static final String ADDITION = "N [KEY VALUE]...";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public VniCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "add",
            description = {
                "Adds a VNI, until the gateway ends or reloads a file without it: vni add " + ADDITION,
                "Keys and values are those of the configuration file: vni add 43 flood 198.18.0.1,198.18.0.3 ageing 60s"
            })
    int add(
            @Parameters(paramLabel = ADDITION, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        Vni vni = number(words.getFirst());
        String settings = Settings.mapping("", words.subList(1, words.size()));
        VniAddition addition = new VniAddition(vni, settings.isEmpty() ? null : settings);
        return Outcomes.print(globals, globals.patientClient().call("vni add", addition));
    }

    @Command(
            name = "del",
            description = {"Removes a VNI with its ports and entries: vni del N", "Example: vni del 43"})
    int del(@Parameters(paramLabel = "N", description = "the VNI") String number) throws CommandFailed {
        return Outcomes.print(globals, globals.patientClient().call("vni del", new VniKey(number(number))));
    }

    private static Vni number(String word) throws CommandFailed {
        return new Words(List.of("vni", word)).takeKeywords("vni").requiredVni();
    }
}
