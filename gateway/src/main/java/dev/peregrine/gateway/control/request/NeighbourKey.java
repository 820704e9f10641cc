package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;

/** The address and VNI by which a neighbour is found. */
public record NeighbourKey(InetAddress address, Vni vni) {
    public NeighbourKey {
        Requests.required(address, "address");
        Requests.required(vni, "vni");
    }
}
