package dev.peregrine.bench.wire.lab;

import java.util.Locale;

/** How frames cross between the hosts. */
public enum Mode {
    /**
     * As between network cards: no frame is longer than the MTU, checksums are filled, senders have a queue before the
     * wire, and receive work has a thread of its own.
     */
    WIRE("no frame is longer than the MTU, as between network cards"),
    /** {@link #WIRE}, but the receiver gets at most 20,000 interrupts a second. */
    MODERATED("as wire mode, with interrupt moderation at the receiver"),
    /** No frame is longer than the MTU, but inner checksums are unfilled and no queue is before the wire. */
    UNFILLED("no frame is longer than the MTU, inner checksums are unfilled, as between containers of one machine"),
    /** Superframes of up to 64 KiB cross uncut: plain veth. */
    OFFLOAD("superframes cross uncut, as on plain veth");

    private final String title;

    Mode(String title) {
        this.title = title;
    }

    /** As a person would say it. */
    public String title() {
        return title;
    }

    /** The name on the command line and in results. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
