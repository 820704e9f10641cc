package dev.peregrine.gateway.control;

import java.util.Optional;
import java.util.OptionalInt;

/** Whose policy: that of a VNI or of a port, one of the two. */
public record PolicyScope(OptionalInt vni, Optional<String> port) {
    public PolicyScope {
        if (vni.isPresent() == port.isPresent()) throw new IllegalArgumentException("vni or port, one of the two");
    }

    @Override
    public String toString() {
        return port.map(name -> "port " + name).orElseGet(() -> "vni " + vni.orElseThrow());
    }
}
