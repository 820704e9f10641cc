package dev.peregrine.controlplane.evpn;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import java.nio.file.Path;

/**
 * Settings of the plane that works through FRR.
 *
 * @param name of the plane
 * @param port UDP port of the shadow devices, which carry no packet; not that of the gateway
 * @param vtyFolder where {@code bgpd.vty} and {@code zebra.vty} are
 * @param namespace where zebra runs, and the shadow devices are
 */
public record FrrSettings(String name, int port, Path vtyFolder, NetNamespace namespace) {
    /** Default of {@code port}. */
    public static final int PORT = 14_789;

    /** Default of {@code vtyFolder}. */
    public static final Path VTY_FOLDER = Path.of("/run/frr");

    public FrrSettings {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " of plane " + name + " is not within 1 to 65535");
        }
    }

    /** The usual ones, in the current network namespace. */
    public FrrSettings(String name) {
        this(name, PORT, VTY_FOLDER, NetNamespace.current());
    }
}
