package dev.peregrine.gateway.control;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An FDB entry to add, behind a remote VTEP or a local port: exactly one of the two.
 *
 * @param isStatic whether the entry neither ages nor moves; otherwise it is as if just learned
 * @param isSticky whether the entry does not move, but ages; a static one does neither
 * @param replaces whether it may take the place of a static entry
 */
public record FdbAddition(
        FdbKey key,
        Optional<InetAddress> vtep,
        Optional<String> port,
        boolean isStatic,
        boolean isSticky,
        boolean replaces) {
    public FdbAddition {
        if (vtep.isPresent() == port.isPresent()) throw new IllegalArgumentException("vtep or port, one of the two");
    }
}
