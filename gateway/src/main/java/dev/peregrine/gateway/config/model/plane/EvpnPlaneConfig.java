package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.dataplane.linux.sys.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * BGP EVPN (RFC 8365) by a routing daemon on this host.
 *
 * @param port UDP port of the kernel's VXLAN devices that stand for VNIs towards FRR
 * @param vtyFolder the folder of FRR's sockets {@code bgpd.vty} and {@code zebra.vty}
 * @param api where gobgpd's API is
 * @param as autonomous system in route targets of routes by GoBGP; empty: gobgpd's own
 * @param maxMacs MAC addresses that GoBGP may tell of
 */
public record EvpnPlaneConfig(
        String name,
        Engine engine,
        int port,
        Path vtyFolder,
        GobgpApi api,
        OptionalLong as,
        int maxMacs,
        Optional<List<Prefix>> allow)
        implements PlaneConfig {
    /** The word in the file. */
    public static final String TYPE = "evpn";

    /** The daemon that speaks BGP. */
    public enum Engine {
        /** FRR's zebra and bgpd. */
        FRR,
        /** GoBGP's gobgpd, by a module that the product does not have. */
        GOBGP
    }

    public EvpnPlaneConfig {
        allow = allow.map(List::copyOf);
    }

    @Override
    public String type() {
        return TYPE;
    }
}
