package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.packet.Ports;

/** Which frames of a segment make FDB entries of their source MAC. */
public enum Learning {
    /** None. */
    NONE,
    /** Those of local ports: a control plane says what is behind tunnels (RFC 8365 section 5). */
    PORTS,
    /** All. */
    ALL;

    /** Whether frames that come in by a port make entries. */
    boolean learnsFrom(int port) {
        return this == ALL || (this == PORTS && !Ports.isTunnel(port));
    }
}
