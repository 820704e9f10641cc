package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * A VNI to add.
 *
 * @param settings its other keys, as a mapping in YAML; null for the defaults
 */
public record VniAddition(Vni vni, @Nullable String settings) {
    public VniAddition {
        Requests.required(vni, "vni");
    }
}
