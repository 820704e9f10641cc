package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Requests;
import dev.peregrine.gateway.control.Vni;

/** The MAC address and VNI by which an FDB entry is found. */
public record FdbKey(MacAddress mac, Vni vni) {
    public FdbKey {
        Requests.required(mac, "mac");
        Requests.required(vni, "vni");
    }
}
