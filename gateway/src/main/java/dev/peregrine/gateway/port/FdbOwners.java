package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Static FDB entries that no command removes: those of the configuration file, and those of ports' own MAC addresses. Belongs
 * to the control thread.
 */
public final class FdbOwners {
    private final List<Set<MacAddress>> ofFile = new ArrayList<>();
    private final List<LocalPort> ports;

    /** @param ports in the order of their numbers; they may still come when this is made */
    public FdbOwners(Segments segments, List<LocalPort> ports) {
        this.ports = ports;
        for (int segment = 0; segment < segments.size(); segment++) {
            Set<MacAddress> macs = new HashSet<>();
            for (FdbEntryConfig entry : segments.config(segment).fdb()) {
                macs.add(entry.mac());
            }
            ofFile.add(macs);
        }
    }

    /** The owner of a static entry, as in "is of …", and how it can be changed; null where a command may remove it. */
    public @Nullable String of(int segment, MacAddress mac, int port) {
        if (ofFile.get(segment).contains(mac)) {
            return "the configuration file (fdb): change it there and restart";
        }
        if (!Ports.isTunnel(port) && ports.get(port).config().ownMac().equals(Optional.of(mac))) {
            return "port " + ports.get(port).config().name() + ", and stays while the port is up";
        }
        return null;
    }
}
