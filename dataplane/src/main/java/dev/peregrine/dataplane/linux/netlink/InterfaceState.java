package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.Set;

/**
 * A network interface with its addresses and routes, as rtnetlink described them at one moment.
 *
 * @param addresses of both families
 * @param routes unicast routes of the main table that leave by this interface
 */
public record InterfaceState(Link link, Set<Prefix> addresses, Set<Route> routes) {
    public InterfaceState {
        addresses = Set.copyOf(addresses);
        routes = Set.copyOf(routes);
    }
}
