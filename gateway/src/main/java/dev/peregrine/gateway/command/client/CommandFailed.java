package dev.peregrine.gateway.command.client;

/** A command that ends with a message and an exit code. */
public final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exit;
    private final boolean showsUsage;

    /**
     * A failure that was foreseen: the message is all that the user sees.
     *
     * @param exit one of {@link Exit}
     */
    public CommandFailed(int exit, String message) {
        this(exit, message, false);
    }

    private CommandFailed(int exit, String message, boolean showsUsage) {
        super(message);
        this.exit = exit;
        this.showsUsage = showsUsage;
    }

    /** The command line is not written as it should be: the message is followed by the line that says how it is. */
    public static CommandFailed usage(String message) {
        return new CommandFailed(Exit.USAGE, message, true);
    }

    /** Whether the usage is shown behind the message. */
    public boolean showsUsage() {
        return showsUsage;
    }

    /** The exit code of the program. */
    public int exit() {
        return exit;
    }
}
