package dev.peregrine.load.perf;

import dev.peregrine.gateway.command.ExtraCommand;
import dev.peregrine.gateway.command.client.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Adds {@code perf} to the command line. */
public final class PerfProvider implements ExtraCommand {
    @Override
    public String name() {
        return "perf";
    }

    @Override
    public Object create(Terminal terminal) {
        return new CommandLine(new Noun())
                .addSubcommand("client", new ClientCommand(terminal))
                .addSubcommand("server", new ServerCommand(terminal));
    }

    @Command(name = "perf", description = "TCP and UDP throughput and latency between a client and a server.")
    private static final class Noun {}
}
