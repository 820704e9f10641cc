package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Static FDB entries that no command removes: those of the configuration file, and those of ports' own MAC addresses. Belongs
 * to the control thread.
 */
public final class FdbOwners {
    private final Segments segments;
    private final LocalPorts ports;
    private final Map<VniConfig, Set<MacAddress>> ofFile = new IdentityHashMap<>();

    /** Follows the segments and the ports that there are. */
    public FdbOwners(Segments segments, LocalPorts ports) {
        this.segments = segments;
        this.ports = ports;
    }

    private boolean isOfFile(int segment, MacAddress mac) {
        VniConfig vni = segments.config(segment);
        Set<MacAddress> macs = ofFile.get(vni);
        if (macs == null) {
            ofFile.clear(); // of configurations that have gone
            macs = vni.fdb().stream().map(FdbEntryConfig::mac).collect(Collectors.toSet());
            ofFile.put(vni, macs);
        }
        return macs.contains(mac);
    }

    /** The owner of a static entry, as in "is of …", and how it can be changed; null where a command may remove it. */
    public @Nullable String of(int segment, MacAddress mac, int port) {
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
