package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.AddressText;
import java.net.InetAddress;
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

    /** Of a queue in the kernel, in bytes: the device, its ring of 4096 places, IPv4 and IPv6; see docs/operations.md. */
    private static final long KERNEL_PER_QUEUE = 180 << 10;

    public TapPortConfig {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    @Override
    public String type() {
        return "tap";
    }

    @Override
    public PortNeeds needs() {
        return PortNeeds.ofDevice(queues, KERNEL_PER_QUEUE);
    }

    @Override
    public void check(PortRules rules) {
        rules.mac("mac", mac);
        int count = rules.broken("addresses") ? 0 : addresses.size();
        for (int i = 0; i < count; i++) {
            rules.address("addresses", i, addresses.get(i).address());
        }
        for (RouteConfig route : routes) {
            InetAddress via = route.via().orElse(route.to().address());
            if (!Rules.sameFamily(via, route.to().address())) {
                rules.error(route, "via", AddressText.of(via), "the family of the destination " + route.to());
            }
        }
    }
}
