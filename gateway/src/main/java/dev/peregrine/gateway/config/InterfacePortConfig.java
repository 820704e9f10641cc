package dev.peregrine.gateway.config;

import java.util.Optional;

/** An interface that exists already, opened with {@code AF_PACKET}; {@code netns} as for a TAP device. */
public record InterfacePortConfig(String name, String device, Optional<String> netns, Optional<PolicyConfig> policy)
        implements PortConfig {
    @Override
    public String type() {
        return "interface";
    }

    @Override
    public PortNeeds needs() {
        return PortNeeds.ofSharedDevice();
    }

    /** Every key is a condition by itself. */
    @Override
    public void check(PortRules rules) {}
}
