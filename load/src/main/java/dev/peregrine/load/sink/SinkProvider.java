package dev.peregrine.load.sink;

import dev.peregrine.gateway.command.ExtraCommand;
import dev.peregrine.gateway.command.client.Terminal;

/** Adds {@code sink} to the command line. */
public final class SinkProvider implements ExtraCommand {
    @Override
    public String name() {
        return "sink";
    }

    @Override
    public Object create(Terminal terminal) {
        return new SinkCommand(terminal);
    }
}
