package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.noun.CaptureCommand;
import dev.peregrine.gateway.command.noun.Columns;
import dev.peregrine.gateway.command.noun.FdbCommand;
import dev.peregrine.gateway.command.noun.FlowCommand;
import dev.peregrine.gateway.command.noun.ListCommand;
import dev.peregrine.gateway.command.noun.PolicyCommand;
import dev.peregrine.gateway.command.noun.ScheduleCommand;
import dev.peregrine.gateway.command.noun.StateCommand;
import dev.peregrine.gateway.command.noun.StatusCommand;
import dev.peregrine.gateway.command.noun.TraceCommand;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The command line: nouns, verbs, and what becomes of their failures. */
public final class Cli {
    /** The nouns that have no verb but {@code list}, without arguments. */
    private static final List<ListNoun> LISTS = List.of(
            new ListNoun(
                    "vni",
                    "Segments.",
                    "vni mtu learning ageingSeconds fdbEntries fdbLimit fdbRefused fdbMoves neighbours neighboursRefused"
                            + " ports flood"),
            new ListNoun(
                    "port",
                    "Local ports. RX is what the workload sent, TX is what it was given. States: up (frames pass), waiting"
                            + " (its namespace or device is not there, or the device is down), failed (the system refused"
                            + " the device: see REASON).",
                    "name vni type device netns mac mtu state link rxPackets txPackets rxBytes txBytes fdbRefused addresses"
                            + " reason problem lastError"),
            new ListNoun(
                    "vtep",
                    "Remote VTEPs. RX came from there, TX went there.",
                    "address flood fdbEntries rxDatagrams txDatagrams pathMtu lastErrorSeconds lastError vnis"),
            new ListNoun("drop", "Why packets were dropped.", "reason count text"),
            new ListNoun(
                    "worker",
                    "Workers.",
                    "name cpu load packets handOffs wakeUps reorders queueDepth parked poolEmpty"),
            new ListNoun(
                    "stage",
                    "Stages of the devices, per worker.",
                    "device stage worker packets segments drops nanosPerPacket batchSize queueDepth"));

    /** @param columns the JSON fields to show, with spaces between */
    private record ListNoun(String name, String description, String columns) {}

    private final Globals globals;
    private final CommandLine root;

    /** @param launcher starts the gateway for {@code run}; other commands do not touch it */
    public Cli(GatewayLauncher launcher, PrintWriter out, PrintWriter err) {
        this(launcher, out, err, System.getenv());
    }

    /** @param environment the variables that the program is started with */
    Cli(GatewayLauncher launcher, PrintWriter out, PrintWriter err, Map<String, String> environment) {
        this.globals = new Globals(out, err, environment.getOrDefault("PEREGRINE_SOCKET", ""));
        this.root = new CommandLine(globals);
        root.addSubcommand("run", new RunCommand(globals, launcher));
        root.addSubcommand("check", new CheckCommand(globals));
        root.addSubcommand("status", new StatusCommand(globals));
        LISTS.forEach(this::addList);
        root.addSubcommand("fdb", new FdbCommand(globals));
        root.addSubcommand("policy", new PolicyCommand(globals));
        root.addSubcommand("flow", new FlowCommand(globals));
        root.addSubcommand("state", new StateCommand(globals));
        root.addSubcommand("schedule", new ScheduleCommand(globals));
        root.addSubcommand("trace", new TraceCommand(globals));
        root.addSubcommand("capture", new CaptureCommand(globals));
        root.addSubcommand("help", new HelpCommand(globals, root));
    }

    /** Looks for commands of other modules only where one may be meant: the search takes longer than most commands. */
    private void addExtraCommands(String[] arguments) {
        String noun = noun(arguments);
        if (root.getSubcommands().containsKey(noun) && !noun.equals("help")) return;
        for (ExtraCommand extra : ServiceLoader.load(ExtraCommand.class)) {
            root.addSubcommand(extra.name(), extra.create(globals));
        }
        if (!root.getSubcommands().containsKey("bench")) root.addSubcommand("bench", AbsentBench.create());
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

    private void addList(ListNoun noun) {
        CommandLine command = new CommandLine(new Bare());
        command.getCommandSpec().usageMessage().description(noun.description());
        root.addSubcommand(noun.name(), command);
        CommandLine list = new CommandLine(new ListCommand(globals, noun.name(), Columns.of(noun.columns())));
        list.getCommandSpec().usageMessage().description(noun.description());
        command.addSubcommand("list", list);
    }

    /** A noun, which does nothing without a verb. */
    @Command
    private static final class Bare {}

    /** Runs one command line; returns the exit code. */
    public int execute(String... arguments) {
        configureLog();
        addExtraCommands(arguments);
        root.setOut(globals.out())
                .setErr(globals.err())
                .setParameterExceptionHandler(this::wrongUsage)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
        try {
            return hasUnknownCommand(arguments) ? Exit.USAGE : root.execute(arguments);
        } finally {
            globals.out().flush();
            globals.err().flush();
        }
    }

    /** Before the first logger is made. */
    private static void configureLog() {
        String level = System.getProperty("pg.log", System.getenv().getOrDefault("PEREGRINE_LOG", ""));
        if (!level.isEmpty()) System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", level);
    }

    /** Says so if a command is none that there is, before {@code --help} beside it shows the help of another one. */
    private boolean hasUnknownCommand(String[] arguments) {
        CommandLine command = root;
        for (int i = 0; i < arguments.length && !command.getSubcommands().isEmpty(); i++) {
            String word = arguments[i];
            CommandLine next = command.getSubcommands().get(word);
            if (word.startsWith("-")) {
                OptionSpec option = command.getCommandSpec().findOption(word);
                if (option != null) i += option.arity().min();
            } else if (next == null) {
                complain(Usage.noCommand(command, word), command);
                return true;
            } else {
                command = next;
            }
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
