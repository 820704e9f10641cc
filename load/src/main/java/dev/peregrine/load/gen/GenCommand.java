package dev.peregrine.load.gen;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Arguments;
import dev.peregrine.load.DatagramSender;
import dev.peregrine.load.InnerEnd;
import dev.peregrine.load.LoadCommand;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code gen}. */
@Command(
        name = "gen",
        description = {
            "Sends VXLAN traffic to an underlay address: UDP datagrams in inner frames, each with a stamp that"
                    + " \"peregrine sink\" reads.",
            "The rate is kept without regard to what the receiver does (open loop). SIGINT ends it with its totals."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the required options
final class GenCommand extends LoadCommand {
    private static final int MAX_VNI = (1 << 24) - 1;
    private static final int MAX_FLOWS = 1 << 20;
    private static final int MAX_BURST = 1024;

    @Option(
            names = "--to",
            paramLabel = "IP[:PORT]",
            required = true,
            converter = Arguments.Underlay.class,
            description = "Underlay address of the receiving VTEP. Default port: 4789.")
    private UdpAddress to;

    @Option(
            names = "--from",
            paramLabel = "IP",
            converter = Arguments.Host.class,
            description = "Underlay address to send from. Default: as the route has it.")
    private @Nullable InetAddress from;

    @Option(names = "--vni", paramLabel = "N", required = true, description = "VXLAN network identifier.")
    private int vni;

    @Option(
            names = "--inner-dst",
            paramLabel = "MAC/IP:PORT",
            required = true,
            converter = InnerEnd.Converter.class,
            description = "Inner destination, such as 02:00:00:00:00:02/198.19.0.2:5000 or MAC/[fd19::2]:5000.")
    private InnerEnd destination;

    @Option(
            names = "--inner-src",
            paramLabel = "MAC/IP:PORT",
            required = true,
            converter = InnerEnd.Converter.class,
            description = "Inner source of the first flow; other flows have higher ports, then higher addresses.")
    private InnerEnd source;

    @Option(
            names = "--rate",
            paramLabel = "PPS",
            defaultValue = "max",
            converter = Arguments.Rate.class,
            description = "Packets per second (units k, M), or max. Default: max.")
    private double rate;

    @Option(
            names = "--count",
            paramLabel = "N",
            converter = Arguments.Count.class,
            description = "End after N packets. Default: no limit.")
    private @Nullable Long count;

    @Option(
            names = "--duration",
            paramLabel = "S",
            description = "End after S seconds. Default: 10, without a limit if there is a count.")
    private @Nullable Double durationSeconds;

    @Option(names = "--flows", paramLabel = "N", defaultValue = "1", description = "Flows at a time. Default: 1.")
    private int flows;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "18",
            converter = PayloadSizes.Converter.class,
            description = "Inner UDP payload, at least 18, or imix (7 x 18, 4 x 512, 1 x 1400). Default: 18.")
    private PayloadSizes sizes;

    @Option(
            names = "--burst",
            paramLabel = "N",
            description =
                    "Packets of one flow in a row, due together. Default: 64 with GSO at the maximal rate, else 1.")
    private @Nullable Integer burst;

    @Option(
            names = "--churn",
            paramLabel = "N",
            defaultValue = "0",
            converter = Arguments.Count.class,
            description = "Flows replaced by new ones per second. Default: 0.")
    private long churn;

    @Option(
            names = "--gso",
            paramLabel = "on|off",
            defaultValue = "on",
            converter = Arguments.OnOff.class,
            description = "Whether several datagrams share a system call and a walk through the kernel. Default: on.")
    private Arguments.Switch gso;

    @Option(
            names = "--malformed",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "Share of malformed packets: truncated, wrong flags, unknown VNI, garbage, wrong headers.")
    private double malformed;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seconds to send to the loopback interface first, so that the JVM is warm. Default: 1.")
    private double warmUpSeconds;

    @Option(names = "--ecn", description = "Mark inner and outer packets ECN-capable, ECT(0).")
    private boolean ecn;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of what is random. Default: 1.")
    private long seed;

    @Option(names = "--quiet", description = "No line per second.")
    private boolean quiet;

    GenCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected void run(StopSignal stop) throws IOException, CommandFailed {
        GenPlan plan = plan();
        if (warmUpSeconds > 0) Rehearsal.run(plan, warmUpSeconds, stop::requested);
        try (Generator generator = new Generator(plan, stop::requested)) {
            GenReport report = new GenReport(generator, terminal, quiet);
            try (Ticker _ = Ticker.start(1, report::interval)) {
                generator.run();
            }
            report.totals();
        }
    }

    private GenPlan plan() throws CommandFailed {
        require(vni >= 0 && vni <= MAX_VNI, "--vni: expected 0 to " + MAX_VNI);
        require(flows >= 1 && flows <= MAX_FLOWS, "--flows: expected 1 to " + MAX_FLOWS);
        require(malformed >= 0 && malformed <= 100, "--malformed: expected a share of 0 to 100 percent");
        require(source.isIpv6() == destination.isIpv6(), "--inner-src and --inner-dst: one is IPv4, one is IPv6");
        int bursts = burst != null ? burst : gso.isOn() && rate == 0 ? DatagramSender.MAX_SEGMENTS : 1;
        require(bursts >= 1 && bursts <= MAX_BURST, "--burst: expected 1 to " + MAX_BURST);
        long packets = count == null ? Long.MAX_VALUE : count;
        double seconds = durationSeconds != null ? durationSeconds : count == null ? 10 : 1e9;
        require(seconds > 0 && seconds <= 1e9, "--duration: expected seconds, more than 0");
        require(warmUpSeconds >= 0 && warmUpSeconds <= 60, "--warm-up: expected 0 to 60 seconds");
        int run = ThreadLocalRandom.current().nextInt(256);
        return new GenPlan(
                to,
                from,
                vni,
                destination,
                source,
                sizes,
                rate,
                packets,
                seconds,
                flows,
                bursts,
                churn,
                malformed,
                gso.isOn(),
                ecn,
                seed,
                run);
    }
}
