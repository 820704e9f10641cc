package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.client.Screen;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.IntSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The command line: nouns, verbs, and what becomes of their failures. */
public final class Cli {
    private final Globals globals;
    private final CommandLine root;
    private final Commands commands;

    /** @param launcher starts the gateway for {@code run}; other commands do not touch it */
    public Cli(GatewayLauncher launcher, PrintWriter out, PrintWriter err) {
        this(launcher, out, err, System.getenv(), () -> Screen.UNLIMITED);
    }

    /** As the constructor, where {@code out} is the standard output: tables fit its terminal, if it is one. */
    public static Cli onStandardOutput(GatewayLauncher launcher, PrintWriter out, PrintWriter err) {
        Map<String, String> environment = System.getenv();
        return new Cli(launcher, out, err, environment, () -> Screen.width(environment.get("COLUMNS")));
    }

    /**
     * @param environment the variables that the program is started with
     * @param width the columns of the terminal behind {@code out}
     */
    Cli(
            GatewayLauncher launcher,
            PrintWriter out,
            PrintWriter err,
            Map<String, String> environment,
            IntSupplier width) {
        this.globals = new Globals(out, err, environment.getOrDefault("PEREGRINE_SOCKET", ""), width);
        this.root = new CommandLine(globals);
        this.commands = new Commands(globals, launcher, environment, root);
    }

    /** The first word that is neither an option of the program nor such an option's value; empty if there is none. */
    private String noun(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (!arguments[i].startsWith("-")) return arguments[i];
            OptionSpec option = root.getCommandSpec().findOption(arguments[i]);
            if (option != null) i += option.arity().min();
        }
        return "";
    }

    /** Runs one command line; returns the exit code. */
    public int execute(String... words) {
        String[] arguments = words.clone();
        commands.addTo(root, noun(arguments));
        root.setOut(globals.out())
                .setErr(globals.err())
                .setParameterExceptionHandler(this::wrongUsage)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
        int exit = hasUnknownCommand(arguments) ? Exit.USAGE : root.execute(arguments);
        globals.err().flush();
        return isWritten() ? exit : Math.max(exit, Exit.REFUSED);
    }

    /** Whether all results have been written; a reader that has gone, as {@code head} does, has what it wants. */
    private boolean isWritten() {
        if (!globals.out().checkError() || Screen.isPipe()) return true;
        globals.err().println("the output could not be written: is the disk full?");
        globals.err().flush();
        return false;
    }

    /**
     * Says so if a command is none that there is, before {@code --help} beside it shows the help of another one, and
     * writes out commands that are abbreviated.
     */
    private boolean hasUnknownCommand(String[] arguments) {
        CommandLine command = root;
        for (int i = 0; i < arguments.length && !command.getSubcommands().isEmpty(); i++) {
            String word = arguments[i];
            if (word.startsWith("-")) {
                OptionSpec option = command.getCommandSpec().findOption(word);
                if (option != null) i += option.arity().min();
                continue;
            }
            CommandLine next = Usage.find(command, word);
            if (next == null) {
                complain(Usage.noCommand(command, word), command);
                return true;
            }
            arguments[i] = next.getCommandSpec().name();
            command = next;
        }
        return false;
    }

    private void complain(String message, CommandLine command) {
        globals.err().println(message);
        globals.err().println(Usage.line(command));
    }

    private int wrongUsage(ParameterException wrong, String[] arguments) {
        complain(Usage.text(wrong), wrong.getCommandLine());
        return Exit.USAGE;
    }

    private int failed(Exception failure, CommandLine command) throws Exception {
        if (!(failure instanceof CommandFailed expected)) throw failure;
        String message = String.valueOf(expected.getMessage());
        if (expected.showsUsage()) complain(message, command);
        else globals.err().println(message);
        return expected.exit();
    }
}
