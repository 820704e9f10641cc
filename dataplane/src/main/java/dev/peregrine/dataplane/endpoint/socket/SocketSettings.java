package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.AddressText;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a socket port.
 *
 * @param mac the port's own MAC address, 48 bits, a unicast one
 * @param listen the inner address and UDP port that the port answers for
 * @param application where datagrams are delivered
 * @param mtu bytes of the largest inner IP packet
 * @param maxRemotes remotes remembered at once, 1 to 65536; one more displaces the least recently used
 * @param idleSeconds the seconds without a datagram after which a remote is forgotten
 * @param replies the paths of the sockets that a Unix application sends its replies to; null for abstract names, which
 *     only applications in the endpoint's network namespace reach
 */
public record SocketSettings(
        long mac,
        UdpAddress listen,
        DatagramAddress application,
        int mtu,
        int maxRemotes,
        int idleSeconds,
        @Nullable NumberedPaths replies) {
    /** Remotes unless configured otherwise. */
    public static final int DEFAULT_REMOTES = 1024;

    /** Seconds without a datagram unless configured otherwise. */
    public static final int DEFAULT_IDLE_SECONDS = 60;

    private static final int REMOTE_LIMIT = NumberedPaths.COUNT;

    public SocketSettings {
        if (mac == 0 || EthernetHeader.isGroup(mac)) {
            throw new IllegalArgumentException(AddressText.mac(mac) + " is no MAC address of one station");
        }
        if (listen.port() == 0
                || listen.address().isAnyLocalAddress()
                || listen.address().isMulticastAddress()) {
            throw new IllegalArgumentException(listen + " is no address and port of one station");
        }
        if (maxRemotes < 1 || maxRemotes > REMOTE_LIMIT) {
            throw new IllegalArgumentException(maxRemotes + " remotes are not within 1 to " + REMOTE_LIMIT);
        }
    }

    /** With the defaults. */
    public SocketSettings(long mac, UdpAddress listen, DatagramAddress application, int mtu) {
        this(mac, listen, application, mtu, DEFAULT_REMOTES, DEFAULT_IDLE_SECONDS, null);
    }

    /** These, and where the endpoint's own sockets are bound. */
    public SocketSettings withReplies(NumberedPaths paths) {
        return new SocketSettings(mac, listen, application, mtu, maxRemotes, idleSeconds, paths);
    }
}
