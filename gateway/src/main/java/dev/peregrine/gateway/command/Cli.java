package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.client.Screen;
import dev.peregrine.gateway.command.manual.CompletionCommand;
import dev.peregrine.gateway.command.manual.ManualCommand;
import dev.peregrine.gateway.command.noun.CaptureCommand;
import dev.peregrine.gateway.command.noun.Columns;
import dev.peregrine.gateway.command.noun.DropCommand;
import dev.peregrine.gateway.command.noun.FdbCommand;
import dev.peregrine.gateway.command.noun.FloodCommand;
import dev.peregrine.gateway.command.noun.FlowCommand;
import dev.peregrine.gateway.command.noun.ListCommand;
import dev.peregrine.gateway.command.noun.NeighbourCommand;
import dev.peregrine.gateway.command.noun.PolicyCommand;
import dev.peregrine.gateway.command.noun.PortCommand;
import dev.peregrine.gateway.command.noun.ScheduleCommand;
import dev.peregrine.gateway.command.noun.StateCommand;
import dev.peregrine.gateway.command.noun.StatusCommand;
import dev.peregrine.gateway.command.noun.TraceCommand;
import dev.peregrine.gateway.command.noun.VniCommand;
import dev.peregrine.gateway.command.noun.VtepCommand;
import dev.peregrine.gateway.command.top.TopCommand;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.IntSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The command line: nouns, verbs, and what becomes of their failures. */
public final class Cli {
    /** The nouns with a verb {@code list} without arguments. */
    private static final List<ListNoun> LISTS = List.of(
            new ListNoun(
                    "vni",
                    "Segments. UNKNOWN UNICASTS: packets flooded because the FDB did not have their destination. NEIGHBOUR"
                            + " REQUESTS, REPLIES: ARP and neighbour discovery that passed; ANSWERS: those of"
                            + " suppressNeighbours.",
                    "vni mtu ports fdbEntries fdbLimit fdbRefused fdbMoves unknownUnicasts groupFloods neighbours"
                            + " neighboursRefused neighbourRequests neighbourReplies neighbourAnswers learning ageingSeconds"
                            + " flood"),
            new ListNoun(
                    "port",
                    "Local ports. RX is what the workload sent, TX is what it was given. States: up (frames pass), waiting"
                            + " (its namespace or device is not there, or the device is down), failed (the system refused"
                            + " the device: see REASON).",
                    "name vni type state link device mac rxPackets txPackets rxBytes txBytes netns mtu fdbEntries fdbRefused"
                            + " lastError problem reason addresses"),
            new ListNoun(
                    "vtep",
                    "Remote VTEPs. RX came from there, TX went there. SOURCE: file, command, or learned (it sent a datagram, and"
                            + " underlay.allow has it).",
                    "address source flood fdbEntries rxDatagrams txDatagrams rxBytes txBytes lastHeardSeconds pathMtu"
                            + " lastErrorSeconds lastError vnis"),
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

    /** The commands that want to know of all others. */
    private static final Set<String> WANT_ALL = Set.of("help", "completion", "manual");

    private final Globals globals;
    private final CommandLine root;

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
        root.addSubcommand("run", new RunCommand(globals, launcher, environment));
        root.addSubcommand("check", new CheckCommand(globals));
        root.addSubcommand("doctor", new DoctorCommand(globals));
        root.addSubcommand("reload", new ReloadCommand(globals));
        root.addSubcommand("drain", new DrainCommand(globals));
        root.addSubcommand("status", new StatusCommand(globals));
        LISTS.forEach(this::addList);
        root.addSubcommand("drop", new DropCommand(globals));
        root.addSubcommand("flood", new FloodCommand(globals));
        root.addSubcommand("fdb", new FdbCommand(globals));
        root.addSubcommand("neighbour", new NeighbourCommand(globals), "neighbor", "neigh");
        root.addSubcommand("policy", new PolicyCommand(globals));
        root.addSubcommand("flow", new FlowCommand(globals));
        root.addSubcommand("state", new StateCommand(globals));
        root.addSubcommand("schedule", new ScheduleCommand(globals));
        root.addSubcommand("top", new TopCommand(globals));
        root.addSubcommand("trace", new TraceCommand(globals));
        root.addSubcommand("capture", new CaptureCommand(globals));
        root.addSubcommand("help", new HelpCommand(globals, root));
        root.addSubcommand("completion", new CompletionCommand(globals, root));
        root.addSubcommand("manual", new ManualCommand(globals, root));
    }

    /** Looks for commands of other modules only where one may be meant: the search takes longer than most commands. */
    private void addExtraCommands(String[] arguments) {
        String noun = noun(arguments);
        if (root.getSubcommands().containsKey(noun) && !WANT_ALL.contains(noun)) return;
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
        CommandLine command = new CommandLine(verbs(noun.name()));
        command.getCommandSpec().usageMessage().description(noun.description());
        root.addSubcommand(noun.name(), command);
        CommandLine list = new CommandLine(new ListCommand(globals, noun.name(), Columns.of(noun.columns())));
        list.getCommandSpec().usageMessage().description(noun.description());
        command.addSubcommand("list", list, "show");
    }

    /** The other verbs of a noun. */
    private Object verbs(String noun) {
        return switch (noun) {
            case "vni" -> new VniCommand(globals);
            case "port" -> new PortCommand(globals);
            case "vtep" -> new VtepCommand(globals);
            default -> new Bare();
        };
    }

    /** A noun, which does nothing without a verb. */
    @Command
    private static final class Bare {}

    /** Runs one command line; returns the exit code. */
    public int execute(String... words) {
        String[] arguments = words.clone();
        addExtraCommands(arguments);
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
     * Says so if a command is none that there is, before {@code --help} beside it shows the help of another one, and writes
     * out commands that are abbreviated.
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
