package dev.peregrine.gateway.config;

import java.util.Optional;

/** An address condition of a rule: a network, or the name of an address set. One of the two. */
public record AddressTerm(Optional<Prefix> network, Optional<String> set) {
    @Override
    public String toString() {
        return network.map(Prefix::toString).orElseGet(() -> "set:" + set.orElseThrow());
    }
}
