package dev.peregrine.gateway.control;

/** The gateway will not do what a well-formed command asks; the message says why, in one line. */
public final class CommandRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean unreadable;

    public CommandRefused(String message) {
        this(message, false);
    }

    private CommandRefused(String message, boolean unreadable) {
        super(message);
        this.unreadable = unreadable;
    }

    /** For input of a command that cannot be read: that is a mistake in its use. */
    public static CommandRefused unreadable(String message) {
        return new CommandRefused(message, true);
    }

    /** Whether it is for what the command was given, whatever the state of the gateway. */
    boolean isUnreadable() {
        return unreadable;
    }
}
