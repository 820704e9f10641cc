package dev.peregrine.gateway.command.client;

import java.io.PrintWriter;

/** Where a command writes, and in which form its user wants results. */
public interface Terminal {

    /** Results. */
    PrintWriter out();

    /** Messages. */
    PrintWriter err();

    /** Whether results are to be JSON; known when the command runs. */
    boolean json();
}
