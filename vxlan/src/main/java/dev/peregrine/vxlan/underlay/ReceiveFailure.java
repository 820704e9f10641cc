package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.sys.Errno;

/**
 * Calls of a receiving socket that have failed.
 *
 * @param errno of the last call that failed
 * @param count calls that have failed so far
 */
public record ReceiveFailure(int errno, long count) {
    /** The text, such as {@code ENOMEM (cannot allocate memory)}. */
    @Override
    public String toString() {
        return Errno.name(errno) + " (" + Errno.text(errno) + ")";
    }
}
