package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;

/** Which local port, by its name. */
public record PortKey(String port) {
    public PortKey {
        Requests.required(port, "port");
    }
}
