package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.InterfaceAddress;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.RouteLookup;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The longest packets that the underlay carries, as the kernel's tables have it at one moment: for each VNI the least
 * MTU of the routes to the remote VTEPs that it is configured with, in bytes of outer IP packet. Where none is known,
 * it is that of the interface that this VTEP stands at.
 */
public final class UnderlayMtu {
    /** Where the address is on the loopback interface, and no route says where datagrams will leave. */
    private static final int ETHERNET_MTU = 1500;

    private final UnderlayConfig config;
    private final RouteLookup routes;
    private final List<Link> links;
    private final List<InterfaceAddress> addresses;
    private final OptionalInt ofInterface;
    private final int device;
    private final Map<InetAddress, OptionalInt> asked = new HashMap<>();

    private UnderlayMtu(UnderlayConfig config, RouteLookup routes, List<Link> links, List<InterfaceAddress> addresses) {
        this.config = config;
        this.routes = routes;
        this.links = links;
        this.addresses = addresses;
        ofInterface = ofInterface();
        device = config.device().map(this::link).map(Link::index).orElse(0);
    }

    /** In the calling thread's network namespace, by VNI; empty while interface or address is missing. */
    public static Map<Integer, OptionalInt> measure(GatewayConfig config) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            List<Link> links = netlink.links();
            try (RouteLookup routes = RouteLookup.open(links)) {
                UnderlayMtu underlay = new UnderlayMtu(config.underlay(), routes, links, netlink.addresses());
                Map<Integer, OptionalInt> carried = new HashMap<>();
                for (VniConfig vni : config.vnis()) {
                    carried.put(vni.vni(), underlay.carriedFor(vni));
                }
                return carried;
            }
        }
    }

    private OptionalInt carriedFor(VniConfig vni) throws LinuxException {
        if (ofInterface.isEmpty()) {
            return ofInterface;
        }
        int least = Integer.MAX_VALUE;
        for (InetAddress remote : remotes(vni)) {
            OptionalInt known = asked.get(remote);
            if (known == null) {
                known = routes.mtu(remote, config.local(), device);
                asked.put(remote, known);
            }
            least = Math.min(least, known.orElse(Integer.MAX_VALUE));
        }
        return least == Integer.MAX_VALUE ? ofInterface : OptionalInt.of(least);
    }

    private static List<InetAddress> remotes(VniConfig vni) {
        return Stream.concat(vni.flood().stream(), vni.fdb().stream().flatMap(entry -> entry.vtep().stream()))
                .toList();
    }

    private OptionalInt ofInterface() {
        if (config.device().isPresent()) {
            Link link = link(config.device().get());
            return link == null ? OptionalInt.empty() : OptionalInt.of(mtu(link));
        }
        return addresses.stream()
                .filter(this::isLocal)
                .map(address -> link(address.index()))
                .filter(Objects::nonNull)
                .mapToInt(this::mtu)
                .min();
    }

    /** Of 127.0.0.2 no interface knows, though the loopback interface has its network. */
    private boolean isLocal(InterfaceAddress address) {
        return address.address().equals(config.local())
                || (config.local().isLoopbackAddress() && address.address().isLoopbackAddress());
    }

    /** Over the loopback interface nothing leaves, unless the address is of that kind. */
    private int mtu(Link link) {
        return link.isLoopback() && !config.local().isLoopbackAddress() ? ETHERNET_MTU : link.mtu();
    }

    private @Nullable Link link(String name) {
        return links.stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Link link(int index) {
        return links.stream().filter(link -> link.index() == index).findFirst().orElse(null);
    }
}
