package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.dataplane.policy.TokenBucket;

/** Limits on BUM frames in packets per second; 0 is none. */
public record StormConfig(long broadcast, long unknownUnicast, long multicast) {
    /** No limits. */
    public static final StormConfig NONE =
            new StormConfig(TokenBucket.UNLIMITED, TokenBucket.UNLIMITED, TokenBucket.UNLIMITED);
}
