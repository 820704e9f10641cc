package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/** A command has made its change, but a worker has not confirmed that it decides by it. The message names the worker. */
public final class ChangeUnconfirmed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A change that is published and not confirmed, with what is known of the reason. */
    public ChangeUnconfirmed(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
