package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A unicast route through one device.
 *
 * @param via the next hop, of the same family; null: the destination is on the link
 */
public record Route(Prefix to, @Nullable InetAddress via) {
    @Override
    public String toString() {
        return via == null ? to.toString() : to + " via " + AddressText.of(via);
    }
}
