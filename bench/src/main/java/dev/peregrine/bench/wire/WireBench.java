package dev.peregrine.bench.wire;

import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.bench.wire.lab.Checkouts;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.bench.wire.report.ResultFolder;
import dev.peregrine.bench.wire.report.Results;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The command {@code scripts/bench wire}. */
@CommandLine.Command(
        name = "wire",
        description = {
            "Measures what a container gets through Peregrine, the kernel's VXLAN device, Open vSwitch and no overlay, between"
                    + " two hosts in network namespaces. Wants the machine to itself.",
            "Writes a report (Markdown, SVG), the result (JSON) and every sample to a folder, and the report to stdout."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class WireBench implements Callable<Integer> {
    private static final List<Contender> QUICK = List.of(
            Contender.HOST,
            Contender.KERNEL,
            Contender.KERNEL_TUNED,
            Contender.OVS,
            Contender.PEREGRINE,
            Contender.PEREGRINE_SPIN);

    @Option(names = "--quick", description = "A few minutes: fewer rows and contenders, 3 rounds of 2 s.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "How often everything is measured. Default: 5.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "Of each measurement. Default: 3.")
    private @Nullable Double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "2",
            description = "Traffic of each kind to warm a JVM up, in seconds. Default: 2.")
    private double warmUpSeconds;

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

    @Option(names = "--out", paramLabel = "FOLDER", description = "Default: bench/results/<date and time>.")
    private @Nullable Path out;

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
    public Integer call() throws IOException {
        if (list) {
            System.out.print(names());
            return 0;
        }
        Path root = Path.of(System.getProperty("bench.root"));
        Path work = Path.of(System.getProperty("bench.work"));
        Plan plan = plan();
        Checkouts checkouts = checkouts(root, plan);
        Path folder = Files.createDirectories(out != null ? out : ResultFolder.dated(root));
        double expected = plan.totalSeconds();
        int measurements = plan.modes().stream().mapToInt(plan::measurements).sum();
        Progress progress = new Progress(messages(), measurements, expected);
        progress.say("About %s. Results: %s".formatted(Progress.duration(expected), folder));
        ResultFolder files = new ResultFolder(folder, plan, Machine.here(), new Results());
        try (Bench bench = new Bench(files, checkouts, work, System.getProperty("bench.labs"), progress)) {
            bench.run();
        }
        System.out.print(json ? files.json() : files.report());
        return 0;
    }

    private static PrintWriter messages() {
        return new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    }

    private Plan plan() throws IOException {
        Placement placement = Placement.within(CpuAffinity.current());
        return new Plan(
                chosenModes(),
                rows(),
                chosenContenders(),
                rounds != null ? rounds : quick ? 3 : 5,
                seconds != null ? seconds : quick ? 2 : 3,
                warmUpSeconds,
                new Placement(
                        senderCpu != null ? senderCpu : placement.senderCpu(),
                        gatewayCpu != null ? gatewayCpu : placement.gatewayCpu()),
                "scripts/bench wire " + String.join(" ", arguments));
    }

    private Checkouts checkouts(Path root, Plan plan) {
        Checkouts checkouts = new Checkouts(root, other);
        try {
            checkouts.check(plan.contenders().contains(Contender.PEREGRINE_OTHER));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(new CommandLine(this), e.getMessage(), e);
        }
        return checkouts;
    }

    private List<Mode> chosenModes() {
        if (!modes.isEmpty()) {
            return modes.stream().distinct().sorted().toList();
        }
        return quick ? List.of(Mode.WIRE, Mode.OFFLOAD) : List.of(Mode.values());
    }

    private List<Row> rows() {
        List<Row> rows = quick && only.isEmpty() ? Rows.quick() : Rows.all();
        if (only.isEmpty()) {
            return rows;
        }
        List<Row> chosen = rows.stream()
                .filter(row -> only.stream().anyMatch(row.id()::startsWith))
                .toList();
        for (String prefix : only) {
            if (chosen.stream().noneMatch(row -> row.id().startsWith(prefix))) {
                throw new CommandLine.ParameterException(
                        new CommandLine(this), "no row's name begins with '%s'; --list prints them".formatted(prefix));
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
            return quick ? QUICK : Contender.defaults();
        }
        try {
            return contenders.stream().map(Contender::of).toList();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(new CommandLine(this), e.getMessage(), e);
        }
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
