package dev.peregrine.load.gen;

import dev.peregrine.gateway.command.ExtraCommand;
import dev.peregrine.gateway.command.client.Terminal;

/** Adds {@code gen} to the command line. */
public final class GenProvider implements ExtraCommand {
    @Override
    public String name() {
        return "gen";
    }

    @Override
    public Object create(Terminal terminal) {
        return new GenCommand(terminal);
    }
}
