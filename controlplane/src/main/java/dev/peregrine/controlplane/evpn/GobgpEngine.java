package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.ControlPlane;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Makes EVPN planes that work through GoBGP. A module that the product does not have provides it, as a service (see
 * {@link ServiceLoader}): it brings libraries that nothing else needs.
 */
public interface GobgpEngine {
    /** A plane, which has not begun. */
    ControlPlane open(GobgpSettings settings);

    /** The one that is on the class path. */
    static Optional<GobgpEngine> find() {
        return ServiceLoader.load(GobgpEngine.class, GobgpEngine.class.getClassLoader())
                .findFirst();
    }
}
