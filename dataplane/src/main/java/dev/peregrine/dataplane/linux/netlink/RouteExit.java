package dev.peregrine.dataplane.linux.netlink;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * Where packets to an address leave, as a routing table has it.
 *
 * @param devices numbers of the interfaces, one for each next hop
 * @param via the next hop; empty where the address is on the link, or there are several
 * @param isLocal whether the address is one of this host's own
 */
public record RouteExit(Set<Integer> devices, Optional<InetAddress> via, boolean isLocal) {
    public RouteExit {
        devices = Set.copyOf(devices);
    }
}
