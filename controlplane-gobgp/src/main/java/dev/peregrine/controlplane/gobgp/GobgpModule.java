package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.evpn.GobgpEngine;
import dev.peregrine.controlplane.evpn.GobgpSettings;

/** How the gateway finds this module. */
public final class GobgpModule implements GobgpEngine {
    /** For the service loader. */
    public GobgpModule() {}

    @Override
    public ControlPlane open(GobgpSettings settings) {
        return new GobgpPlane(settings);
    }
}
