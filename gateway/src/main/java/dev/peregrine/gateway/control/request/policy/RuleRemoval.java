package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * A rule to remove from a policy.
 *
 * @param endFlows whether established flows end that the new policy denies
 */
public record RuleRemoval(@Nullable Vni vni, @Nullable String port, Direction direction, String name, boolean endFlows)
        implements PolicyRequest {
    public RuleRemoval {
        PolicyScope.requireOne(vni, port);
        Requests.required(direction, "direction");
        Requests.required(name, "name");
    }
}
