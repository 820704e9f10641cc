package dev.peregrine.gateway.control;

/** The gateway will not do what a well-formed command asks; the message says why, in one line. */
public final class CommandRefused extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandRefused(String message) {
        super(message);
    }
}
