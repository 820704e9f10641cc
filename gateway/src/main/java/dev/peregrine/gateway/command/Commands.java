package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.manual.CompletionCommand;
import dev.peregrine.gateway.command.manual.ManualCommand;
import dev.peregrine.gateway.command.noun.CaptureCommand;
import dev.peregrine.gateway.command.noun.ControlCommand;
import dev.peregrine.gateway.command.noun.DropCommand;
import dev.peregrine.gateway.command.noun.FdbCommand;
import dev.peregrine.gateway.command.noun.FloodCommand;
import dev.peregrine.gateway.command.noun.FlowCommand;
import dev.peregrine.gateway.command.noun.NeighbourCommand;
import dev.peregrine.gateway.command.noun.PolicyCommand;
import dev.peregrine.gateway.command.noun.PortCommand;
import dev.peregrine.gateway.command.noun.ScheduleCommand;
import dev.peregrine.gateway.command.noun.StateCommand;
import dev.peregrine.gateway.command.noun.StatusCommand;
import dev.peregrine.gateway.command.noun.TraceCommand;
import dev.peregrine.gateway.command.noun.VniCommand;
import dev.peregrine.gateway.command.noun.VtepCommand;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.top.TopCommand;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.report.WorkerRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The commands of the program by their names. Each is made when it is wanted: reading its annotations takes a JVM that
 * has just started some milliseconds, and a command line wants one of them.
 */
final class Commands {
    /** The nouns with a verb {@code list} without arguments. */
    private static final List<ListNoun> LISTS = List.of(
            new ListNoun(
                    "vni",
                    VniRow.class,
                    "Segments. UNKNOWN UNICASTS: packets flooded because the FDB did not have their destination. NEIGHBOUR"
                            + " REQUESTS, REPLIES: ARP and neighbour discovery that passed; ANSWERS: those of"
                            + " suppressNeighbours."),
            new ListNoun(
                    "port",
                    PortRow.class,
                    "Local ports. RX is what the workload sent, TX is what it was given. States: up (frames pass), waiting"
                            + " (its namespace or device is not there, or the device is down), failed (the system refused"
                            + " the device: see REASON)."),
            new ListNoun(
                    "vtep",
                    VtepRow.class,
                    "Remote VTEPs. RX came from there, TX went there. SOURCE: file, command, or learned (it sent a datagram, and"
                            + " underlay.allow has it)."),
            new ListNoun("worker", WorkerRow.class, "Workers."),
            new ListNoun("stage", StageRow.class, "Stages of the devices, per worker."));

    /** @param row what its answer consists of */
    private record ListNoun(String name, Class<? extends Record> row, String description) {}

    /** The commands that want to know of all others. */
    private static final Set<String> WANT_ALL = Set.of("help", "completion", "manual");

    private final Globals globals;
    private final Map<String, Supplier<CommandLine>> makers = new LinkedHashMap<>();

    /** Other names, each with the command that it is for. */
    private final Map<String, String> aliases = Map.of("neighbor", "neighbour", "neigh", "neighbour");

    /** @param root where they will be added; help wants to know it */
    Commands(Globals globals, GatewayLauncher launcher, Map<String, String> environment, CommandLine root) {
        this.globals = globals;
        add("run", () -> new RunCommand(globals, launcher, environment));
        add("check", () -> new CheckCommand(globals));
        add("doctor", () -> new DoctorCommand(globals));
        add("reload", () -> new ReloadCommand(globals));
        add("drain", () -> new DrainCommand(globals));
        add("status", () -> new StatusCommand(globals));
        LISTS.forEach(noun -> makers.put(noun.name(), () -> list(noun)));
        add("drop", () -> new DropCommand(globals));
        add("flood", () -> new FloodCommand(globals));
        add("fdb", () -> new FdbCommand(globals));
        add("neighbour", () -> new NeighbourCommand(globals));
        add("policy", () -> new PolicyCommand(globals));
        add("flow", () -> new FlowCommand(globals));
        add("state", () -> new StateCommand(globals));
        add("schedule", () -> new ScheduleCommand(globals));
        makers.put("control", this::control);
        add("top", () -> new TopCommand(globals));
        add("trace", () -> new TraceCommand(globals));
        add("capture", () -> new CaptureCommand(globals));
        add("help", () -> new HelpCommand(globals, root));
        add("completion", () -> new CompletionCommand(globals, root));
        add("manual", () -> new ManualCommand(globals, root));
    }

    private void add(String name, Supplier<Object> maker) {
        makers.put(name, () -> new CommandLine(maker.get()));
    }

    /** Adds the command with a name to the program; all commands, those of other modules too, if none has it. */
    void addTo(CommandLine root, String name) {
        String known = aliases.getOrDefault(name, name);
        if (makers.containsKey(known) && !WANT_ALL.contains(known)) {
            addOne(root, known);
            return;
        }
        makers.keySet().forEach(each -> addOne(root, each));
        for (ExtraCommand extra : ServiceLoader.load(ExtraCommand.class)) {
            root.addSubcommand(extra.name(), extra.create(globals));
        }
        if (!root.getSubcommands().containsKey("bench")) root.addSubcommand("bench", AbsentBench.create());
    }

    private void addOne(CommandLine root, String name) {
        if (root.getSubcommands().containsKey(name)) return;
        String[] others = aliases.entrySet().stream()
                .filter(alias -> alias.getValue().equals(name))
                .map(Map.Entry::getKey)
                .toArray(String[]::new);
        root.addSubcommand(name, Objects.requireNonNull(makers.get(name)).get(), others);
    }

    private CommandLine control() {
        CommandLine command = new CommandLine(new ControlCommand(globals));
        command.addSubcommand("frr", new FrrCommand(globals));
        return command;
    }

    private CommandLine list(ListNoun noun) {
        CommandLine command = new CommandLine(verbs(noun.name()));
        command.getCommandSpec().usageMessage().description(noun.description());
        CommandLine list = new CommandLine(new ListCommand(globals, noun.name(), Columns.of(noun.row())));
        list.getCommandSpec().usageMessage().description(noun.description());
        command.addSubcommand("list", list, "show");
        return command;
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
}
