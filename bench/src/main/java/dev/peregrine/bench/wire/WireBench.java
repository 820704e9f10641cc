package dev.peregrine.bench.wire;

import dev.peregrine.bench.experiment.Outcome;
import dev.peregrine.bench.experiment.OutcomeFolder;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.RunOptions;
import dev.peregrine.bench.wire.lab.Checkouts;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code scripts/bench wire}. */
@CommandLine.Command(
        name = "wire",
        description = {
            "Measures what a container gets through Peregrine, the kernel's VXLAN device, Open vSwitch and no overlay, between"
                    + " two hosts in network namespaces. Wants the machine to itself.",
            "Writes a report (Markdown, charts), the result (JSON) and every sample to a folder, and the report to stdout.",
            "Without options: 5 rounds of 3 s, 2 s of warm-up for each kind of traffic; with --quick fewer rows and"
                    + " contenders, and 3 rounds of 2 s, which take minutes. The folder: bench/results/wire-<date and time>."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class WireBench implements Callable<Integer> {
    private static final RunOptions.Defaults DEFAULTS = new RunOptions.Defaults(5, 3, 2);
    private static final RunOptions.Defaults QUICK_DEFAULTS = new RunOptions.Defaults(3, 2, 2);
    private static final List<Contender> QUICK = List.of(
            Contender.HOST,
            Contender.KERNEL,
            Contender.KERNEL_TUNED,
            Contender.OVS,
            Contender.PEREGRINE,
            Contender.PEREGRINE_SPIN);

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--only",
            paramLabel = "ROW",
            split = ",",
            description =
                    "Only these rows, by the beginning of their names: udp/1x18/gro, udp/64, tcp, ping, … (--list).")
    private List<String> only = List.of();

    @Option(names = "--contenders", paramLabel = "NAME", split = ",", description = "Only these (--list).")
    private List<String> contenders = List.of();

    @Option(
            names = "--other",
            paramLabel = "DIR",
            description =
                    "Another built checkout of this project. Adds the contender peregrine-other, which runs its program.")
    private @Nullable Path other;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            split = ",",
            description = "How frames cross between the hosts: wire, moderated, unfilled, offload. Default: all;"
                    + " with --quick wire and offload.")
    private List<Mode> modes = List.of();

    @Option(names = "--sender-cpu", paramLabel = "N", description = "Of the UDP sender. Default: the first.")
    private @Nullable Integer senderCpu;

    @Option(names = "--gateway-cpu", paramLabel = "N", description = "Of Peregrine's worker. Default: the last.")
    private @Nullable Integer gatewayCpu;

    @Option(names = "--json", description = "The result in JSON on stdout instead of the report.")
    private boolean json;

    @Option(names = "--list", description = "Print the names of rows and contenders, and measure nothing.")
    private boolean list;

    private final String[] arguments;

    private WireBench(String[] arguments) {
        this.arguments = arguments;
    }

    /**
     * System properties: {@code bench.root}, the project; {@code bench.work}, a folder; {@code bench.labs}, a prefix.
     */
    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new WireBench(arguments))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(failure instanceof IOException ? failure.getMessage() : failure);
                    return 1;
                });
        System.exit(command.execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (list) {
            return print(names());
        }
        Path root = Path.of(System.getProperty("bench.root"));
        Checkouts checkouts = new Checkouts(root, other);
        Lineup lineup;
        Plan plan;
        try {
            lineup = lineup();
            plan = plan();
            checkouts.check(lineup.contenders().contains(Contender.PEREGRINE_OTHER));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(new CommandLine(this), e.getMessage(), e);
        }
        OutcomeFolder folder = OutcomeFolder.own(options.folder(root + "/bench/results/wire-"));
        Path work = Path.of(System.getProperty("bench.work"));
        Outcome outcome;
        try (Labs labs = new Labs(checkouts, lineup.placement(), work, System.getProperty("bench.labs"))) {
            outcome = new WireRun(lineup, plan, labs, folder, messages()).run();
        }
        return print(json ? outcome.json().toPrettyString() + "\n" : outcome.report());
    }

    /**
     * Prints a result; returns the exit code, which says whether it was written: a print stream itself says nothing.
     */
    private static int print(String text) {
        System.out.print(text);
        if (!System.out.checkError()) {
            return 0;
        }
        messages().println("the output could not be written: is the disk full?");
        return 1;
    }

    private static PrintWriter messages() {
        return new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    }

    private Lineup lineup() throws IOException {
        Placement placement = Placement.within(CpuAffinity.current());
        return new Lineup(
                chosenModes(),
                rows(),
                chosenContenders(),
                new Placement(
                        senderCpu != null ? senderCpu : placement.senderCpu(),
                        gatewayCpu != null ? gatewayCpu : placement.gatewayCpu()));
    }

    private Plan plan() throws IOException {
        return options.plan(
                options.isQuick() ? QUICK_DEFAULTS : DEFAULTS, "scripts/bench wire " + String.join(" ", arguments));
    }

    private List<Mode> chosenModes() {
        if (!modes.isEmpty()) {
            return modes.stream().distinct().sorted().toList();
        }
        return options.isQuick() ? List.of(Mode.WIRE, Mode.OFFLOAD) : List.of(Mode.values());
    }

    private List<Row> rows() {
        List<Row> rows = options.isQuick() && only.isEmpty() ? Rows.quick() : Rows.all();
        if (only.isEmpty()) {
            return rows;
        }
        List<Row> chosen = rows.stream()
                .filter(row -> only.stream().anyMatch(row.id()::startsWith))
                .toList();
        for (String prefix : only) {
            if (chosen.stream().noneMatch(row -> row.id().startsWith(prefix))) {
                throw new IllegalArgumentException(
                        "no row's name begins with '%s'; --list prints them".formatted(prefix));
            }
        }
        return chosen;
    }

    private List<Contender> chosenContenders() {
        List<Contender> chosen = new ArrayList<>(namedContenders());
        if (other != null) {
            chosen.add(Contender.PEREGRINE_OTHER);
        }
        return chosen.stream().distinct().sorted().toList();
    }

    private List<Contender> namedContenders() {
        if (contenders.isEmpty()) {
            return options.isQuick() ? QUICK : Contender.defaults();
        }
        return contenders.stream().map(Contender::of).toList();
    }

    private static String names() {
        StringBuilder text = new StringBuilder("rows:\n");
        Rows.all().forEach(row -> text.append("  %-22s %s%n".formatted(row.id(), row.title())));
        text.append("contenders:\n");
        Arrays.stream(Contender.values())
                .forEach(contender -> text.append("  %-22s %s%n".formatted(contender.id(), contender.title())));
        return text.toString();
    }
}
