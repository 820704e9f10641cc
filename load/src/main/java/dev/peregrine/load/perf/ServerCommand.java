package dev.peregrine.load.perf;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Arguments;
import dev.peregrine.load.LoadCommand;
import dev.peregrine.load.StopSignal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The command {@code perf server}. */
@Command(name = "server", description = "Waits for clients, and serves one test at a time until SIGINT.")
final class ServerCommand extends LoadCommand {
    @Option(
            names = "--listen",
            paramLabel = "IP[:PORT]",
            converter = Listen.class,
            description = "Where to wait. Default: every address, port " + Server.DEFAULT_PORT + ".")
    private @Nullable InetSocketAddress listen;

    @Option(names = "--once", description = "End after one test.")
    private boolean once;

    /** Reads where to wait. */
    private static final class Listen implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String text) {
            UdpAddress address = Arguments.address(text, Server.DEFAULT_PORT);
            return new InetSocketAddress(address.address(), address.port());
        }
    }

    ServerCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected void run(StopSignal stop) throws IOException {
        InetSocketAddress address =
                listen != null ? listen : new InetSocketAddress((InetAddress) null, Server.DEFAULT_PORT);
        try (Server server = new Server(address, once, stop, terminal.err()::println)) {
            terminal.err().println("listening at port " + server.port());
            server.run();
        }
    }
}
