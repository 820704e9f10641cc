package dev.peregrine.bench.wire;

import java.util.Locale;

/** How frames cross between the hosts. */
enum Mode {
    /** No frame is longer than the MTU, and receive work has a thread of its own: as between network cards. */
    WIRE,
    /** Superframes of up to 64 KiB cross uncut: plain veth. */
    OFFLOAD;

    /** The name on the command line and in results. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
