package dev.peregrine.controlplane.etcd;

import java.net.InetAddress;
import java.net.URI;

/** Questions about endpoints, answered without asking a name server. */
final class Endpoints {
    private Endpoints() {}

    /** Whether an endpoint is certainly on this host. */
    static boolean isLoopback(URI endpoint) {
        String host = endpoint.getHost();
        if (host == null) return false;
        try {
            return InetAddress.ofLiteral(host.replace("[", "").replace("]", "")).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return host.equals("localhost");
        }
    }
}
