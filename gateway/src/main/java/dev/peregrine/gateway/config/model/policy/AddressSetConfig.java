package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.List;

/** Networks that rules name together. */
public record AddressSetConfig(String name, List<Prefix> addresses) {
    public AddressSetConfig {
        addresses = List.copyOf(addresses);
    }
}
