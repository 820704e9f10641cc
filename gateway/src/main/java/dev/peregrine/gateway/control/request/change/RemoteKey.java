package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which remote VTEP, and where.
 *
 * @param vni whose floods it gets; null where it is not about floods
 */
public record RemoteKey(@Nullable Vni vni, InetAddress vtep) {
    public RemoteKey {
        Requests.required(vtep, "vtep");
    }
}
