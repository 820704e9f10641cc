package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Static FDB entries that no command removes: those of the configuration file, and those of ports' own MAC addresses.
 * Belongs to the control thread.
 */
final class FdbOwners {
    private final Segments segments;
    private final LocalPorts ports;
    private final Map<Integer, OfFile> ofFile = new HashMap<>();

    /** The entries of a VNI, for as long as its configuration is the same. */
    private record OfFile(VniConfig vni, Set<MacAddress> macs) {
        static OfFile of(VniConfig vni) {
            return new OfFile(vni, vni.fdb().stream().map(FdbEntryConfig::mac).collect(Collectors.toSet()));
        }
    }

    /** Follows the segments and the ports that there are. */
    FdbOwners(Segments segments, LocalPorts ports) {
        this.segments = segments;
        this.ports = ports;
    }

    /** Whether the configuration file has the entry of a MAC. */
    @SuppressWarnings("ReferenceEquality") // an equal one is only read again
    boolean isOfFile(int segment, MacAddress mac) {
        VniConfig vni = segments.config(segment);
        OfFile known = ofFile.get(segment);
        if (known == null || known.vni() != vni) {
            known = OfFile.of(vni);
            ofFile.put(segment, known);
        }
        return known.macs().contains(mac);
    }

    /** The owner of a static entry, as in "is of …", and how it can be changed; null where a command may remove it. */
    @Nullable
    String of(int segment, MacAddress mac, int port) {
        if (isOfFile(segment, mac)) {
            return "the configuration file (fdb): change it there and reload";
        }
        LocalPort local = Ports.isTunnel(port) ? null : ports.byNumber(port);
        if (local != null && local.config().ownMac().equals(Optional.of(mac))) {
            return "port " + local.config().name() + ", and stays while the port is up";
        }
        return null;
    }
}
