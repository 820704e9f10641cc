package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The help of a command, as its option {@code --help} prints it. */
@Command(name = "help", description = "How a command is used: help [COMMAND]")
final class HelpCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "[COMMAND]",
            hideParamSyntax = true,
            arity = "0..*",
            description = "such as: fdb add. Without one, the program")
    private @Nullable List<String> words;

    private final Globals globals;
    private final CommandLine root;

    HelpCommand(Globals globals, CommandLine root) {
        this.globals = globals;
        this.root = root;
    }

    @Override
    public Integer call() throws CommandFailed {
        CommandLine command = root;
        for (String word : words == null ? List.<String>of() : words) {
            CommandLine next = Usage.find(command, word);
            if (next == null) throw CommandFailed.usage(Usage.noCommand(command, word));
            command = next;
        }
        command.usage(globals.out());
        return Exit.DONE;
    }
}
