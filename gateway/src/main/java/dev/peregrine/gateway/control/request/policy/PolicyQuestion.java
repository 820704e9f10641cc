package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * A question: how would policies decide on a packet?
 *
 * @param packet as YAML
 */
public record PolicyQuestion(@Nullable Vni vni, @Nullable String port, Direction direction, String packet)
        implements PolicyRequest {
    public PolicyQuestion {
        PolicyScope.requireOne(vni, port);
        Requests.required(direction, "direction");
        Requests.required(packet, "packet");
    }
}
