package dev.peregrine.bench.report;

import java.io.IOException;

/** A figure of a report. */
public interface Picture {
    /** The file that it goes to. */
    String fileName();

    /** The caption. */
    String title();

    /**
     * The picture as PNG.
     *
     * @throws InternalError if the machine has no fonts to write with
     */
    byte[] png() throws IOException;
}
