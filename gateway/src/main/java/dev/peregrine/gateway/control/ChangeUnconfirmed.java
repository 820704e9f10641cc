package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/**
 * A command has made its change, or a part of it, but a worker has not confirmed that it decides by it. The message
 * names the worker.
 */
public final class ChangeUnconfirmed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * A change that is published and not confirmed.
     *
     * @param made what is made, as in {@code the change is made}
     * @param reason what is known of why it is not confirmed, as in {@code worker 0 has not ended its batch}
     */
    public ChangeUnconfirmed(String made, String reason, @Nullable Throwable cause) {
        super(made + ", but " + reason, cause);
        this.reason = reason;
    }

    /** Why it is not confirmed. */
    public String reason() {
        return reason;
    }
}
