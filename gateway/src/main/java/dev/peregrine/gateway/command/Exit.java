package dev.peregrine.gateway.command;

/** What the program ends with. */
final class Exit {
    static final int DONE = 0;
    /** The gateway refused, or the thing is missing. */
    static final int REFUSED = 1;
    /** The command line or the configuration is wrong. */
    static final int USAGE = 2;

    static final int NO_GATEWAY = 3;

    private Exit() {}
}
