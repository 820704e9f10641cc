package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Remote VTEPs that are known beside those of flood lists and FDB entries. */
@Command(name = "vtep")
public final class VtepCommand {
    private static final String KEY = "VTEP";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public VtepCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(
            name = "add",
            description = {
                "Accepts datagrams from a remote VTEP, where underlay.allow is auto; floods do not go there: vtep add VTEP",
                "Example: vtep add 198.18.0.3"
            })
    int add(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        return Outcomes.print(globals, globals.client().call("vtep add", key(words)));
    }

    @Command(
            name = "del",
            description = {
                "Takes back what vtep add or underlay.vteps said: vtep del VTEP",
                "Example: vtep del 198.18.0.3"
            })
    int del(
            @Parameters(paramLabel = KEY, hideParamSyntax = true, arity = "1..*", description = "see above")
                    List<String> words)
            throws CommandFailed {
        return Outcomes.print(globals, globals.client().call("vtep del", key(words)));
    }

    private static RemoteKey key(List<String> words) throws CommandFailed {
        Words given = new Words(words);
        RemoteKey key = new RemoteKey(null, given.takeVtep());
        given.takeEnd();
        return key;
    }
}
