package dev.peregrine.gateway.command;

/** A command that ends with a message and an exit code. */
final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exit;

    CommandFailed(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    int exit() {
        return exit;
    }
}
