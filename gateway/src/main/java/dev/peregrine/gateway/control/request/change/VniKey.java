package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;

/** Which VNI. */
public record VniKey(Vni vni) {
    public VniKey {
        Requests.required(vni, "vni");
    }
}
