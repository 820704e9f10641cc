package dev.peregrine.gateway.control.request;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An FDB entry to add, behind a remote VTEP or a local port: exactly one of the two.
 *
 * @param isStatic whether the entry neither ages nor moves; otherwise it is as if just learned
 * @param isSticky whether the entry does not move, but ages; a static one does neither
 */
public record FdbAddition(
        MacAddress mac,
        Vni vni,
        @Nullable InetAddress vtep,
        @Nullable String port,
        @JsonProperty("static") boolean isStatic,
        @JsonProperty("sticky") boolean isSticky) {
    public FdbAddition {
        if ((vtep == null) == (port == null)) {
            throw new IllegalArgumentException("expected vtep or port, one of the two");
        }
        Requests.required(mac, "mac");
        Requests.required(vni, "vni");
    }

    /** Which entry it is. */
    public FdbKey key() {
        return new FdbKey(mac, vni);
    }
}
