package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.policy.match.Match;
import java.time.Duration;

/**
 * One rule of a {@link RuleList}.
 *
 * @param name as users call it, unique in its list
 * @param action the treatment of frames that meet it
 * @param match the frames that meet it
 * @param packetsPerSecond limit for {@link Action#LIMIT} in wire packets; 0 for none
 * @param bitsPerSecond limit for {@link Action#LIMIT} in bits of inner frames; 0 for none
 * @param burst the time whose worth of the rate passes at once after a pause, see {@link TokenBucket#of}
 * @param logEvery n to log about one of n wire packets that meet the rule on a worker; 0 for none
 */
public record Rule(
        String name,
        Action action,
        Match match,
        long packetsPerSecond,
        long bitsPerSecond,
        Duration burst,
        int logEvery) {
    /** Checks the numbers. */
    public Rule {
        if (packetsPerSecond < 0 || bitsPerSecond < 0 || logEvery < 0) {
            throw new IllegalArgumentException("a negative rate in rule " + name);
        }
        if (action == Action.LIMIT && packetsPerSecond == 0 && bitsPerSecond == 0) {
            throw new IllegalArgumentException("rule " + name + " limits, but has no rate");
        }
    }

    /** A rule without limit and log. */
    public static Rule of(String name, Action action, Match match) {
        return new Rule(name, action, match, 0, 0, TokenBucket.DEFAULT_BURST, 0);
    }
}
