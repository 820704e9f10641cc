package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * A rule to add to a policy.
 *
 * @param rule as YAML
 * @param before the name of the rule that it is to stand before; null: at the end
 * @param endFlows whether established flows end that the new policy denies
 */
public record RuleAddition(
        @Nullable Vni vni,
        @Nullable String port,
        Direction direction,
        String rule,
        @Nullable String before,
        boolean endFlows)
        implements PolicyRequest {
    public RuleAddition {
        PolicyScope.requireOne(vni, port);
        Requests.required(direction, "direction");
        Requests.required(rule, "rule");
    }
}
