package dev.peregrine.gateway.observe.tap;

import org.jspecify.annotations.Nullable;

/**
 * The places of a capture.
 *
 * @param underlay datagrams, as they come in and leave
 * @param ports frames of local ports
 * @param port the only port to look at; null for all
 * @param drops packets that are dropped, wherever
 */
public record CapturePoints(
        boolean underlay, boolean ports, @Nullable String port, boolean drops) {
    /** Every place. */
    public static final CapturePoints ALL = new CapturePoints(true, true, null, true);

    /** Whether frames of a port are wanted. */
    public boolean includes(String name) {
        return ports && (port == null || port.equals(name));
    }
}
