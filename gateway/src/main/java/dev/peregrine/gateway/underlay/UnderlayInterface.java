package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;

/**
 * The interface that the underlay's datagrams come in by: the configured one, or the one that has the local address.
 */
public final class UnderlayInterface {
    /** No interface has this number. */
    private static final int NONE = Integer.MAX_VALUE;

    private final UnderlayConfig config;

    /** The interface that had the local address when it was last looked for: that takes long where there are many. */
    private int indexOfLocal = NONE;

    /** The interface of a configured underlay, which need not be there yet. */
    public UnderlayInterface(UnderlayConfig config) {
        this.config = config;
    }

    /** Forgets which interface had the local address, where an event says that addresses have changed. */
    public void heard(List<NetlinkEvent> events) {
        boolean concerned = events.stream()
                .anyMatch(event -> event.isOwn()
                        && (event.kind() == NetlinkEvent.Kind.ADDRESS || event.kind() == NetlinkEvent.Kind.OVERRUN));
        if (concerned) {
            indexOfLocal = NONE;
        }
    }

    /** The interface as it is now, if there is one. In the gateway's network namespace, one thread at a time. */
    public Optional<Link> find() throws LinuxException, SocketException {
        try (Netlink netlink = Netlink.open()) {
            if (config.device().isPresent()) {
                return netlink.link(config.device().get());
            }
            Optional<Link> link = netlink.link(indexOfLocal);
            if (link.isEmpty()) {
                NetworkInterface device = NetworkInterface.getByInetAddress(config.local());
                indexOfLocal = device == null ? NONE : device.getIndex();
                link = netlink.link(indexOfLocal);
            }
            return link;
        }
    }
}
