package dev.peregrine.bench.report;

/** A figure of a report. */
public interface Picture {
    /** The file that it goes to. */
    String fileName();

    /** The caption. */
    String title();

    /** The picture as SVG. */
    String svg();
}
