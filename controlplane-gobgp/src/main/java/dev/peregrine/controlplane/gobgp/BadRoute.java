package dev.peregrine.controlplane.gobgp;

import org.jspecify.annotations.Nullable;

/** A route cannot be used. It counts as withdrawn (RFC 7606 section 2). */
final class BadRoute extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Route.@Nullable Key key;

    /** With the destination, if that could be read, and what is wrong, in a line. */
    BadRoute(Route.@Nullable Key key, String what) {
        super(what, null, false, false);
        this.key = key;
    }

    Route.@Nullable Key key() {
        return key;
    }
}
