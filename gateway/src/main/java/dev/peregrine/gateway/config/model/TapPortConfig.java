package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A device that the gateway makes and whose frames a TAP carries: the TAP itself, or one end of a veth pair.
 *
 * @param kind which of the two
 * @param netns name under {@code /run/netns} or an absolute path, as written; empty: the gateway's own
 * @param mac of the device, as its network stack sees it
 * @param addresses with their prefix lengths, host bits kept
 * @param queues TAP queues
 */
public record TapPortConfig(
        String name,
        Kind kind,
        String device,
        Optional<String> netns,
        MacAddress mac,
        List<Prefix> addresses,
        List<Route> routes,
        int queues,
        Optional<PolicyConfig> policy)
        implements PortConfig {
    /** Bytes in the kernel of a veth pair, beside those of its TAP; see docs/operations.md. */
    private static final long KERNEL_PER_PAIR = 80 << 10;

    /** Descriptors of the programs that join a pair and its TAP. */
    private static final int PROGRAMS = 2;

    /** The device that the workload sees. */
    public enum Kind {
        /** The TAP. */
        TAP,
        /** One end of a veth pair, whose other end a hidden TAP is joined to. */
        VETH
    }

    /**
     * Of a queue in the kernel, in bytes: the device, its ring of 4096 places, IPv4 and IPv6; see docs/operations.md.
     */
    private static final long KERNEL_PER_QUEUE = 180 << 10;

    public TapPortConfig {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    @Override
    public String type() {
        return EnumWord.of(kind);
    }

    @Override
    public Optional<MacAddress> ownMac() {
        return Optional.of(mac);
    }

    @Override
    public List<InetAddress> ownAddresses() {
        return addresses.stream().map(Prefix::address).toList();
    }

    @Override
    public PortConfig withPolicy(Optional<PolicyConfig> other) {
        return new TapPortConfig(name, kind, device, netns, mac, addresses, routes, queues, other);
    }

    @Override
    public PortNeeds needs() {
        return kind == Kind.TAP
                ? PortNeeds.ofDevice(queues, queues * KERNEL_PER_QUEUE)
                : PortNeeds.ofDevice(queues + PROGRAMS, queues * KERNEL_PER_QUEUE + KERNEL_PER_PAIR);
    }

    @Override
    public void check(PortRules rules) {
        rules.mac("mac", mac);
        int count = rules.broken("addresses") ? 0 : addresses.size();
        for (int i = 0; i < count; i++) {
            rules.address("addresses", i, addresses.get(i).address());
        }
        for (Route route : routes) {
            InetAddress via = route.via();
            if (via != null && !Addresses.sameFamily(via, route.to().address())) {
                rules.error(route, "via", AddressText.of(via), "the family of the destination " + route.to());
            }
        }
    }
}
