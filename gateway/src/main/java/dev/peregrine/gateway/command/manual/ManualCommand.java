package dev.peregrine.gateway.command.manual;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the manual pages, for packages. */
@Command(
        name = "manual",
        hidden = true,
        description = "Writes the manual pages, peregrine.1 and one for each command, into a directory: manual DIR.")
public final class ManualCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "made if it is not there")
    private Path directory = Path.of(".");

    private final Globals globals;
    private final CommandLine root;

    /** @param root the program, with all of its commands */
    public ManualCommand(Globals globals, CommandLine root) {
        this.globals = globals;
        this.root = root;
    }

    @Override
    public Integer call() throws CommandFailed {
        try {
            Files.createDirectories(directory);
            write(root);
            for (CommandLine command : root.getSubcommands().values()) {
                if (!command.getCommandSpec().usageMessage().hidden()) write(command);
            }
            return Exit.DONE;
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, "cannot write the manual pages: " + failure);
        }
    }

    private void write(CommandLine command) throws IOException {
        ManualPage page = new ManualPage(command);
        Path file = directory.resolve(page.name() + ".1");
        Files.writeString(file, page.text());
        globals.out().println(file);
    }
}
