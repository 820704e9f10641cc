package dev.peregrine.gateway.config;

import java.util.List;
import java.util.Optional;

/**
 * A TAP device that the gateway makes.
 *
 * @param netns name under {@code /run/netns} or an absolute path, as written; empty: the gateway's own
 * @param mac of the device, as its network stack sees it
 * @param addresses with their prefix lengths, host bits kept
 * @param queues TAP queues
 */
public record TapPortConfig(
        String name,
        String device,
        Optional<String> netns,
        MacAddress mac,
        List<Prefix> addresses,
        List<RouteConfig> routes,
        int queues,
        Optional<PolicyConfig> policy)
        implements PortConfig {

    public TapPortConfig {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    @Override
    public String type() {
        return "tap";
    }
}
