package dev.peregrine.gateway.command.client;

/** The exit codes of the program. */
public final class Exit {
    /** All went as asked. */
    public static final int DONE = 0;
    /** The gateway refused, or the thing is missing. */
    public static final int REFUSED = 1;
    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;

    /** No gateway answers. */
    public static final int NO_GATEWAY = 3;

    private Exit() {}
}
