package dev.peregrine.gateway.control;

import dev.peregrine.gateway.config.MacAddress;

/** The MAC address and VNI by which an FDB entry is found. */
public record FdbKey(MacAddress mac, Vni vni) {
    public FdbKey {
        Requests.required(mac, "mac");
        Requests.required(vni, "vni");
    }
}
