package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.Prefix;
import java.util.Optional;

/** An address condition of a rule: a network, or the name of an address set. One of the two. */
public record AddressTerm(Optional<Prefix> network, Optional<String> set) {
    /** What the file writes before the name of a set. */
    static final String SET = "set:";

    @Override
    public String toString() {
        return network.map(Prefix::toString).orElseGet(() -> SET + set.orElseThrow());
    }
}
