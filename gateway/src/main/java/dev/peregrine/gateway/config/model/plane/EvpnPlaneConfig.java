package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * BGP EVPN (RFC 8365) by a routing daemon on this host.
 *
 * @param port UDP port of the kernel's VXLAN devices that stand for VNIs towards the daemon
 * @param vtyFolder the folder of FRR's sockets {@code bgpd.vty} and {@code zebra.vty}
 */
public record EvpnPlaneConfig(String name, Engine engine, int port, Path vtyFolder, Optional<List<Prefix>> allow)
        implements PlaneConfig {
    /** The word in the file. */
    public static final String TYPE = "evpn";

    /** The daemon that speaks BGP. */
    public enum Engine {
        /** FRR's zebra and bgpd. */
        FRR
    }

    public EvpnPlaneConfig {
        allow = allow.map(List::copyOf);
    }

    @Override
    public String type() {
        return TYPE;
    }
}
