package dev.peregrine.gateway.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A destination without a network stack of its own: the gateway answers for the address and hands UDP
 * payloads to a local datagram socket.
 *
 * @param listen inner address and UDP port
 * @param deliver the local datagram socket
 * @param mac what ARP and ND requests for the address are answered with
 */
public record SocketPortConfig(
        String name, InetSocketAddress listen, Delivery deliver, MacAddress mac, Optional<PolicyConfig> policy)
        implements PortConfig {
    /** See {@link #type}. */
    static final String TYPE = "socket";

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Optional<MacAddress> ownMac() {
        return Optional.of(mac);
    }

    @Override
    public List<InetAddress> ownAddresses() {
        return List.of(listen.getAddress());
    }
}
