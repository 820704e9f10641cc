package dev.peregrine.gateway.command.manual;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The script by which a shell completes commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands and options in a shell: completion bash.",
            "For this shell: source <(peregrine completion bash)"
        })
public final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "bash", description = "the shell; zsh reads the script after: autoload bashcompinit")
    private String shell = "";

    private final Globals globals;
    private final CommandLine root;

    /** @param root the program, with all of its commands */
    public CompletionCommand(Globals globals, CommandLine root) {
        this.globals = globals;
        this.root = root;
    }

    @Override
    public Integer call() throws CommandFailed {
        if (!shell.equals("bash")) throw CommandFailed.usage("found " + shell + "; expected bash");
        globals.out().print(AutoComplete.bash(root.getCommandName(), root));
        return Exit.DONE;
    }
}
