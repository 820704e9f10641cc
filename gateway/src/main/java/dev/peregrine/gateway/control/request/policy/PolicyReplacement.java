package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * A policy to put in the place of the one there is, all or nothing.
 *
 * @param policy as YAML
 * @param source what messages call the YAML; {@code policy} if not given
 * @param endFlows whether established flows end that the new policy denies
 */
public record PolicyReplacement(
        @Nullable Vni vni,
        @Nullable String port,
        String policy,
        @Nullable String source,
        boolean endFlows) implements PolicyRequest {
    public PolicyReplacement {
        PolicyScope.requireOne(vni, port);
        Requests.required(policy, "policy");
    }
}
