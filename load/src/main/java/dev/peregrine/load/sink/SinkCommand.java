package dev.peregrine.load.sink;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Arguments;
import dev.peregrine.load.LoadCommand;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.Ticker;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code sink}. */
@Command(
        name = "sink",
        description = {
            "Receives what \"peregrine gen\" sends, on a UDP socket, and tells throughput, loss, reordering, duplicates"
                    + " and latency.",
            "Latencies hold where both run on one host, whose clock they share. They count from when a packet was due,"
                    + " so they include the time by which a sender was late. SIGINT ends it with its totals."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the required options
final class SinkCommand extends LoadCommand {
    private static final int MAX_FLOWS = 1 << 20;
    private static final double FOREVER_SECONDS = 1e9;

    @Option(
            names = "--listen",
            paramLabel = "IP:PORT",
            required = true,
            converter = Arguments.Underlay.class,
            description = "Where to receive. Default port: 4789.")
    private UdpAddress listen;

    @Option(names = "--vxlan", description = "The datagrams are VXLAN: terminate it here, without a gateway.")
    private boolean vxlan;

    @Option(names = "--vni", paramLabel = "N", description = "With --vxlan: the VNI that counts. Default: any.")
    private @Nullable Integer vni;

    @Option(
            names = "--gro",
            paramLabel = "on|off",
            defaultValue = "on",
            converter = Arguments.OnOff.class,
            description = "Whether the kernel may deliver several datagrams together. Default: on.")
    private Arguments.Switch gro;

    @Option(names = "--echo", description = "Send every datagram back to its sender.")
    private boolean echo;

    @Option(
            names = "--flows",
            paramLabel = "N",
            defaultValue = "65536",
            description = "Flows to keep account of at a time, a power of two. Default: 65536.")
    private int flows;

    @Option(names = "--duration", paramLabel = "S", description = "End after S seconds.")
    private @Nullable Double durationSeconds;

    @Option(
            names = "--count",
            paramLabel = "N",
            converter = Arguments.Count.class,
            description = "End after N packets.")
    private @Nullable Long count;

    @Option(names = "--idle", paramLabel = "S", description = "End after S seconds without a packet.")
    private @Nullable Double idleSeconds;

    @Option(names = "--per-flow", description = "JSON with an account of every flow.")
    private boolean perFlow;

    @Option(names = "--quiet", description = "No line per second.")
    private boolean quiet;

    SinkCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected void run(StopSignal stop) throws IOException, CommandFailed {
        SinkPlan plan = plan();
        try (Sink sink = new Sink(plan, stop::requested)) {
            SinkReport report = new SinkReport(sink, terminal, quiet, perFlow);
            if (!quiet) terminal.err().println("receiving at " + plan.listen());
            try (Ticker _ = Ticker.start(1, report::interval)) {
                sink.run();
            }
            report.totals();
        }
    }

    private SinkPlan plan() throws CommandFailed {
        require(vxlan || vni == null, "--vni: only with --vxlan");
        require(vni == null || (vni >= 0 && vni < 1 << 24), "--vni: expected 0 to 16777215");
        require(!echo || !vxlan, "--echo: not with --vxlan");
        require(
                flows >= 8 && flows <= MAX_FLOWS && Integer.bitCount(flows) == 1,
                "--flows: expected a power of two from 8 to " + MAX_FLOWS);
        double duration = durationSeconds == null ? FOREVER_SECONDS : durationSeconds;
        double idle = idleSeconds == null ? FOREVER_SECONDS : idleSeconds;
        require(duration > 0 && duration <= FOREVER_SECONDS, "--duration: expected seconds, more than 0");
        require(idle > 0 && idle <= FOREVER_SECONDS, "--idle: expected seconds, more than 0");
        long packets = count == null ? Long.MAX_VALUE : count;
        require(packets > 0, "--count: expected more than 0");
        return new SinkPlan(listen, vxlan, vni == null ? -1 : vni, gro.isOn(), echo, flows, duration, packets, idle);
    }
}
