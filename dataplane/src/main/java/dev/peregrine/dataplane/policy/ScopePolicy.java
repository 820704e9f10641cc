package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import org.jspecify.annotations.Nullable;

/**
 * The demands of one port or one VNI on frames. Immutable except for counters and buckets, which its successors share.
 *
 * @param in rules for frames that enter the bridge; null to let all pass
 * @param out rules for frames that leave it; null to let all pass
 * @param guard of a port: the addresses that its frames may claim; null for any
 * @param storm limits on BUM frames that enter; null for none
 * @param inLimit rate of frames that enter; null for none
 * @param outLimit rate of frames that leave; null for none
 * @param replies counts packets that passed because they belong to a flow that rules had let pass in either direction;
 *     null when such packets must meet a rule as well
 */
public record ScopePolicy(
        @Nullable RuleList in,
        @Nullable RuleList out,
        @Nullable SourceGuard guard,
        @Nullable StormControl storm,
        @Nullable TokenBucket inLimit,
        @Nullable TokenBucket outLimit,
        @Nullable Hits replies) {
    /** A policy of rules alone. */
    public static ScopePolicy of(@Nullable RuleList in, @Nullable RuleList out) {
        return new ScopePolicy(in, out, null, null, null, null, null);
    }

    /** This policy with other rules for a direction; null when nothing is left to decide. */
    public @Nullable ScopePolicy with(boolean isIn, @Nullable RuleList list) {
        ScopePolicy next =
                new ScopePolicy(isIn ? list : in, isIn ? out : list, guard, storm, inLimit, outLimit, replies);
        return next.checksIn() || next.checksOut() ? next : null;
    }

    /** Whether it can drop frames that enter. */
    boolean checksIn() {
        return in != null || guard != null || storm != null || inLimit != null || replies != null;
    }

    /** Whether some rule logs frames that meet it. */
    boolean logs() {
        return (in != null && in.logs()) || (out != null && out.logs());
    }

    /** Whether it can drop frames that leave. */
    boolean checksOut() {
        return out != null || outLimit != null || replies != null;
    }
}
