package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.Terminal;

/**
 * A command that another module adds to the command line: a service provider, found by {@link java.util.ServiceLoader}.
 */
public interface ExtraCommand {

    /** The word on the command line. */
    String name();

    /**
     * The command itself, annotated for picocli: a {@code Callable<Integer>} that returns one of
     * {@link dev.peregrine.gateway.command.client.Exit}, or a noun with such verbs. It may throw
     * {@link dev.peregrine.gateway.command.client.CommandFailed}.
     */
    Object create(Terminal terminal);
}
