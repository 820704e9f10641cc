package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.request.change.DrainOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has the running gateway say that it takes no new work. */
@Command(
        name = "drain",
        description = {
            "Before an end: the gateway says that it is not ready for new work (status, /readyz), refuses changes of its"
                    + " configuration, and passes all frames as before: drain [off]",
            "drain off takes it back."
        })
final class DrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "off", arity = "0..1", description = "to end draining")
    private String word = "";

    private final Globals globals;

    DrainCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        if (!word.isEmpty() && !word.equals("off")) {
            throw CommandFailed.usage("found " + word + "; expected off, or nothing");
        }
        globals.client().call("drain", new DrainOptions(word.equals("off")));
        return globals.changed();
    }
}
