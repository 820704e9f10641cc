package dev.peregrine.bench.experiment;

import dev.peregrine.gateway.command.ExtraCommand;
import dev.peregrine.gateway.command.client.Terminal;

/** Adds {@code bench} to the command line. */
public final class BenchProvider implements ExtraCommand {
    @Override
    public String name() {
        return "bench";
    }

    @Override
    public Object create(Terminal terminal) {
        return new BenchCommand(terminal);
    }
}
