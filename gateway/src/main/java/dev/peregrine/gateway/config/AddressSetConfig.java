package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.Prefix;
import java.util.List;

/** Networks that rules name together. */
public record AddressSetConfig(String name, List<Prefix> addresses) {
    public AddressSetConfig {
        addresses = List.copyOf(addresses);
    }
}
