package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/** The owner of a policy: that of a VNI or of a port, one of the two. */
public record PolicyScope(@Nullable Vni vni, @Nullable String port) {
    public PolicyScope {
        requireOne(vni, port);
    }

    static void requireOne(@Nullable Vni vni, @Nullable String port) {
        if ((vni == null) == (port == null)) {
            throw new IllegalArgumentException("expected vni or port, one of the two");
        }
    }

    @Override
    public String toString() {
        return port == null ? "vni " + vni : "port " + port;
    }
}
