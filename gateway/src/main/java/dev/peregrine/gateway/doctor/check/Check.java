package dev.peregrine.gateway.doctor.check;

import java.io.IOException;

/** One question about the host or the gateway, which one line answers. */
public interface Check {

    /** A word, or several with hyphens: the name of its line. */
    String name();

    /** A sentence about its object, for the documentation; may have Markdown. */
    String about();

    /**
     * Looks now. Changes nothing on the host.
     *
     * @throws IOException where it cannot be seen; the message says why
     */
    Finding look(Subject subject) throws IOException;
}
