package dev.peregrine.gateway.config.model.policy;

import java.util.Optional;

/**
 * The demands of a VNI or a port on frames.
 *
 * @param in of frames that enter the bridge
 * @param out of frames that leave it
 * @param replies whether what belongs to a flow that was let pass needs no rule
 * @param storm limits on BUM frames that enter
 * @param antiSpoofing of a port: which addresses its frames may claim; empty: any
 */
public record PolicyConfig(
        RuleListConfig in,
        RuleListConfig out,
        boolean replies,
        StormConfig storm,
        Optional<AntiSpoofingConfig> antiSpoofing) {

    /** Lets every frame pass. */
    public static final PolicyConfig NONE =
            new PolicyConfig(RuleListConfig.OPEN, RuleListConfig.OPEN, false, StormConfig.NONE, Optional.empty());

    /** This policy with another list for a direction. */
    public PolicyConfig with(boolean isIn, RuleListConfig list) {
        return new PolicyConfig(isIn ? list : in, isIn ? out : list, replies, storm, antiSpoofing);
    }
}
