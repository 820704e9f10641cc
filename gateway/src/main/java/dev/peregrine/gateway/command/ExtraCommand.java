package dev.peregrine.gateway.command;

/** A command that another module adds to the command line: a service provider, found by {@link java.util.ServiceLoader}. */
public interface ExtraCommand {

    /** The word on the command line. */
    String name();

    /**
     * The command itself, annotated for picocli: a {@code Callable<Integer>} that returns one of {@link Exit}, or a noun
     * with such verbs. It may throw {@link CommandFailed}.
     */
    Object create(Terminal terminal);
}
