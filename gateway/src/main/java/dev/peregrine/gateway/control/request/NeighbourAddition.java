package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;

/** A static neighbour to add: the MAC of an IP address. */
public record NeighbourAddition(InetAddress address, MacAddress mac, Vni vni) {
    public NeighbourAddition {
        Requests.required(address, "address");
        Requests.required(mac, "mac");
        Requests.required(vni, "vni");
    }

    /** Which entry it is. */
    public NeighbourKey key() {
        return new NeighbourKey(address, vni);
    }
}
