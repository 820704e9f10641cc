package dev.peregrine.gateway.config.model;

import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** An interface that exists already, opened with {@code AF_PACKET}; {@code netns} as for a TAP device. */
public record InterfacePortConfig(String name, String device, Optional<String> netns, Optional<PolicyConfig> policy)
        implements PortConfig {
    /** See {@link #type}. */
    public static final String TYPE = "interface";

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Optional<MacAddress> ownMac() {
        return Optional.empty();
    }

    @Override
    public List<InetAddress> ownAddresses() {
        return List.of();
    }

    @Override
    public PortConfig withPolicy(Optional<PolicyConfig> other) {
        return new InterfacePortConfig(name, device, netns, other);
    }

    @Override
    public PortNeeds needs() {
        return PortNeeds.ofSharedDevice();
    }

    /** Every key is a condition by itself. */
    @Override
    public void check(PortRules rules) {}
}
