package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import java.net.InetAddress;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Flood lists: the remote VTEPs that get the floods of a VNI. */
@Command(name = "flood", description = "The remote VTEPs that get the floods of a VNI.")
public final class FloodCommand {
    private static final String KEY = "VTEP vni N";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public FloodCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "add",
            description = {
                "Has a VNI's broadcast, multicast and unknown unicast frames sent to a remote VTEP, too: flood add VTEP vni N",
                "Example: flood add 198.18.0.3 vni 42"
            })
    int add(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        return Outcomes.print(globals, globals.client().call("flood add", key(words)));
    }

    @Command(
            name = "del",
            description = {"Has them sent there no longer: flood del VTEP vni N", "Example: flood del 198.18.0.3 vni 42"
            })
    int del(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        return Outcomes.print(globals, globals.client().call("flood del", key(words)));
    }

    private static RemoteKey key(List<String> words) throws CommandFailed {
        Words given = new Words(words);
        InetAddress vtep = given.takeVtep();
        return new RemoteKey(given.takeKeywords("vni").requiredVni(), vtep);
    }
}
