package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.endpoint.socket.SocketEndpoint;
import dev.peregrine.dataplane.endpoint.socket.SocketSettings;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
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
    /** Bytes that the paths of the port's own sockets add to the application's, less the port's name. */
    private static final int REPLY_SUFFIX = "..000".length() + NumberedPaths.SUFFIX_LENGTH;
    /** See {@link #type}. */
    public static final String TYPE = "socket";

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

    @Override
    public PortConfig withPolicy(Optional<PolicyConfig> other) {
        return new SocketPortConfig(name, listen, deliver, mac, other);
    }

    @Override
    public PortNeeds needs() {
        return new PortNeeds(SocketEndpoint.OFF_HEAP_BYTES, 0, 0, 1, SocketSettings.DEFAULT_REMOTES);
    }

    @Override
    public void check(PortRules rules) {
        rules.mac("mac", mac);
        InetAddress address = listen.getAddress();
        rules.address("listen", address);
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            rules.error("listen", AddressText.of(address), "the address of one host");
        }
        if (rules.broken("deliver") || !(deliver instanceof Delivery.UnixSocket(var path))) return;
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        int max = DatagramAddress.PATH_LIMIT - REPLY_SUFFIX - name.length();
        if (length > max) {
            String expected =
                    "at most " + max + " bytes, as the gateway's own sockets beside it, PATH.PORT.WORKER.NNNN, have at"
                            + " most " + DatagramAddress.PATH_LIMIT + ": shorten the path or the port's name";
            rules.error("deliver", "a path of " + length + " bytes", expected);
        }
    }
}
