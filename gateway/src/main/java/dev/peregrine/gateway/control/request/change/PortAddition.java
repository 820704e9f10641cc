package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;

/**
 * A local port to add.
 *
 * @param port as it would stand in the list of its VNI, in YAML
 */
public record PortAddition(Vni vni, String port) {
    public PortAddition {
        Requests.required(vni, "vni");
        Requests.required(port, "port");
    }
}
