package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.dataplane.policy.TokenBucket;
import java.time.Duration;
import java.util.List;

/**
 * Rules for one direction, in order, and what becomes of a frame that meets none.
 *
 * @param packetsPerSecond limit for all frames of the direction; 0 for none
 * @param bitsPerSecond limit for all frames of the direction; 0 for none
 * @param burst what passes these limits at once after a pause, as the rate's worth of this time
 */
public record RuleListConfig(
        Default byDefault, List<RuleConfig> rules, long packetsPerSecond, long bitsPerSecond, Duration burst) {

    /** Lets every frame pass. */
    public static final RuleListConfig OPEN = new RuleListConfig(
            Default.ALLOW, List.of(), TokenBucket.UNLIMITED, TokenBucket.UNLIMITED, TokenBucket.DEFAULT_BURST);

    /** The fate of a frame that meets no rule. */
    public enum Default {
        ALLOW,
        DENY
    }

    public RuleListConfig {
        rules = List.copyOf(rules);
    }

    /** Whether its rules let every frame pass; it may still have a limit. */
    public boolean isOpen() {
        return byDefault == Default.ALLOW && rules.isEmpty();
    }

    /** Whether all frames of the direction have a limit. */
    public boolean isLimited() {
        return packetsPerSecond > 0 || bitsPerSecond > 0;
    }

    /** This list with other rules. */
    public RuleListConfig with(List<RuleConfig> others) {
        return new RuleListConfig(byDefault, others, packetsPerSecond, bitsPerSecond, burst);
    }
}
