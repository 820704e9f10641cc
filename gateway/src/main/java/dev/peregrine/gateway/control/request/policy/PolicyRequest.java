package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/** A request about the policy of a VNI or of a port, one of the two. */
public sealed interface PolicyRequest permits PolicyReplacement, RuleAddition, RuleRemoval, PolicyQuestion {
    @Nullable
    Vni vni();

    @Nullable
    String port();

    /** The owner of the policy. */
    default PolicyScope scope() {
        return new PolicyScope(vni(), port());
    }
}
