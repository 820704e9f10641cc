package dev.peregrine.gateway.command;

/** A command that ends with a message and an exit code. */
public final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exit;

    /**
     * A failure that was foreseen: the message is all that the user sees.
     *
     * @param exit one of {@link Exit}
     */
    public CommandFailed(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    /** The exit code of the program. */
    public int exit() {
        return exit;
    }
}
