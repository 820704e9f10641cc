package dev.peregrine.gateway.config.model.plane;

import java.time.Duration;

/**
 * Detection of one MAC address at two places (RFC 7432 section 15.1).
 *
 * @param moves that many within {@code window} make a duplicate
 * @param recover after how long a frozen address is released; zero: by a command only
 */
public record DuplicateConfig(int moves, Duration window, Action action, Duration recover) {
    /** The treatment of a duplicate. */
    public enum Action {
        /** The log says so. */
        WARN,
        /** The address stays where it is, and is not announced. */
        FREEZE
    }
}
