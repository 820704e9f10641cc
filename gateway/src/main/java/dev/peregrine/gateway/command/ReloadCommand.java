package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.noun.Outcomes;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has the running gateway follow its configuration file. */
@Command(
        name = "reload",
        description = {
            "Has the gateway read the file again that it was started with, and follow it without a restart: reload [--dry-run]",
            "A file with any error changes nothing, and the exit code is 2. Prints what has changed, and the keys that take a"
                    + " restart. SIGHUP does the same; check --config FILE --diff compares with another file."
        })
final class ReloadCommand implements Callable<Integer> {
    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    private final Globals globals;

    ReloadCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        return Outcomes.print(globals, globals.patientClient().call("reload", new ReloadOptions(dryRun)));
    }
}
