package dev.peregrine.load.perf;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.load.Arguments;
import dev.peregrine.load.LoadCommand;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.perf.traffic.PerfPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code perf client}. */
@Command(
        name = "client",
        description = {
            "Measures against a server: throughput of TCP or UDP streams, or with --rr the latency of requests.",
            "SIGINT ends it with its totals."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the host
final class ClientCommand extends LoadCommand {
    private static final int TCP_LENGTH = 128 << 10;
    private static final int UDP_LENGTH = 1400;
    private static final int REQUEST_LENGTH = 64;
    private static final double UDP_RATE = 1e6;

    @Parameters(paramLabel = "HOST", description = "The server's name or address.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + Server.DEFAULT_PORT,
            description = "The server's port. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--udp", description = "UDP rather than TCP.")
    private boolean udp;

    @Option(names = "--rr", description = "Requests and responses: measure latency.")
    private boolean requests;

    @Option(names = "--reverse", description = "The server sends.")
    private boolean reverse;

    @Option(
            names = "--rate",
            paramLabel = "N",
            converter = Arguments.Rate.class,
            description =
                    "Per stream: bit/s (units k, M, G), default max with TCP and 1M with UDP. With --rr requests per"
                            + " second, sent on time whether or not earlier ones are answered; default: one after the other.")
    private @Nullable Double rate;

    @Option(
            names = "--length",
            paramLabel = "BYTES",
            description = "Of a write (default 131072), a datagram (1400), a request (64).")
    private @Nullable Integer length;

    @Option(names = "--time", paramLabel = "S", defaultValue = "10", description = "Seconds to send. Default: 10.")
    private double seconds;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "1", description = "Streams. Default: 1.")
    private int streams;

    @Option(names = "--interval", paramLabel = "S", defaultValue = "1", description = "Between lines. Default: 1.")
    private double intervalSeconds;

    @Option(
            names = "--gso",
            paramLabel = "on|off",
            defaultValue = "on",
            converter = Arguments.OnOff.class,
            description = "Whether both sides may use segmentation and receive offload for UDP. Default: on.")
    private Arguments.Switch gso;

    @Option(names = "--quiet", description = "No lines per interval.")
    private boolean quiet;

    ClientCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected void run(StopSignal stop) throws IOException, CommandFailed {
        try (Client client = new Client(server(), plan(), stop)) {
            ClientReport report =
                    requests ? new RequestReport(client, terminal, quiet) : new StreamReport(client, terminal, quiet);
            client.run(report, intervalSeconds);
        }
    }

    /**
     * The server by its address, or by a name; names are no digits and dots, which some resolvers take for an address.
     */
    private InetSocketAddress server() throws CommandFailed {
        InetAddress address = Addresses.parse(host);
        if (address != null) return new InetSocketAddress(address, port);
        require(
                !host.matches("[0-9.]*|.*:.*"),
                "HOST: found " + host + "; expected a name, or an address such as 198.19.0.2 or fd19::2, and --port N");
        InetSocketAddress server = new InetSocketAddress(host, port);
        if (server.isUnresolved()) throw new CommandFailed(Exit.REFUSED, "there is no host of the name " + host);
        return server;
    }

    private PerfPlan plan() throws CommandFailed {
        require(port >= 1 && port <= 0xffff, "--port: expected 1 to 65535");
        require(intervalSeconds >= 0.1 && intervalSeconds <= 3600, "--interval: expected 0.1 to 3600 seconds");
        int bytes = length != null ? length : requests ? REQUEST_LENGTH : udp ? UDP_LENGTH : TCP_LENGTH;
        double defaultRate = udp && !requests ? UDP_RATE : 0;
        PerfPlan plan = new PerfPlan(
                udp, requests, reverse, streams, bytes, rate != null ? rate : defaultRate, seconds, gso.isOn());
        require(plan.fault().isEmpty(), plan.fault());
        return plan;
    }
}
