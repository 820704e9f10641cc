package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.SocketEndpoint;
import dev.peregrine.dataplane.endpoint.SocketSettings;
import dev.peregrine.dataplane.linux.DatagramAddress;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.NetNamespace;
import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.gateway.config.Delivery;
import dev.peregrine.gateway.config.SocketPortConfig;
import java.io.IOException;
import java.util.Optional;

/** A local datagram socket that stands for an inner address; each lane has its own sessions. */
final class SocketPort extends LocalPort {
    private final SocketPortConfig config;

    SocketPort(Port port, SocketPortConfig config, Means means) {
        super(port, config, means);
        this.config = config;
    }

    @Override
    Optional<NetNamespace> namespace() {
        return Optional.empty();
    }

    @Override
    void open(Surroundings now) {}

    @Override
    boolean isCurrent(Surroundings now) {
        return true;
    }

    @Override
    Endpoint endpoint(Lane lane) throws IOException {
        UdpAddress listen =
                UdpAddress.of(config.listen().getAddress(), config.listen().getPort());
        DatagramAddress application = switch (config.deliver()) {
            case Delivery.UnixSocket(var path) -> DatagramAddress.unix(path);
            case Delivery.UdpSocket(var address) ->
                DatagramAddress.udp(UdpAddress.of(address.getAddress(), address.getPort()));
        };
        SocketSettings settings = new SocketSettings(config.mac().value(), listen, application, port().mtu());
        return new SocketEndpoint(settings, lane.pool(), lane.drops());
    }

    @Override
    void mtu(int bytes) throws LinuxException {
        super.mtu(bytes);
        for (Endpoint endpoint : endpoints()) {
            if (endpoint instanceof SocketEndpoint socket) {
                socket.mtu(bytes);
            }
        }
    }

    @Override
    boolean isPolled(Lane lane) {
        return true;
    }

    @Override
    void release() {}
}
