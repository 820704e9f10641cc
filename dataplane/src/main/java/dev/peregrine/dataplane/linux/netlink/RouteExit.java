package dev.peregrine.dataplane.linux.netlink;

import java.util.Set;

/**
 * Where packets to an address leave, as a routing table has it.
 *
 * @param devices numbers of the interfaces, one for each next hop
 * @param isLocal whether the address is one of this host's own
 */
public record RouteExit(Set<Integer> devices, boolean isLocal) {
    public RouteExit {
        devices = Set.copyOf(devices);
    }
}
