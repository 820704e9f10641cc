package dev.peregrine.gateway.config.value;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.Optional;

/** An address condition of a rule: a network, or the name of an address set. One of the two. */
public record AddressTerm(Optional<Prefix> network, Optional<String> set) {
    /** The prefix of a set's name in the file. */
    public static final String SET = "set:";

    @Override
    public String toString() {
        return network.map(Prefix::toString).orElseGet(() -> SET + set.orElseThrow());
    }
}
