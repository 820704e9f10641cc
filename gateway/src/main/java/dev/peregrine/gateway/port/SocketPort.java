package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.socket.SocketEndpoint;
import dev.peregrine.dataplane.endpoint.socket.SocketSettings;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.ConnectedSocket;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.SocketPortConfig;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A local datagram socket that stands for an inner address; each lane has its own sessions. */
public final class SocketPort extends LocalPort {
    private static final Logger log = LoggerFactory.getLogger(SocketPort.class);

    private final SocketPortConfig config;
    private final DatagramAddress application;
    private final @Nullable ReplySockets replies;
    private final List<NumberedPaths> paths = new CopyOnWriteArrayList<>();
    private final List<SocketEndpoint> socketEndpoints = new CopyOnWriteArrayList<>();

    SocketPort(Port port, SocketPortConfig config, Means means) {
        super(port, config, means);
        this.config = config;
        application = switch (config.deliver()) {
            case Delivery.UnixSocket(var path) -> DatagramAddress.unix(path);
            case Delivery.UdpSocket(var address) ->
                DatagramAddress.udp(UdpAddress.of(address.getAddress(), address.getPort()));
        };
        replies = config.deliver() instanceof Delivery.UnixSocket(var path)
                ? new ReplySockets(path, config.name())
                : null;
    }

    @Override
    Optional<NetNamespace> namespace() {
        return Optional.empty();
    }

    /** Where it listens. */
    @Override
    public String addresses() {
        return AddressText.of(config.listen());
    }

    @Override
    public String receiver() {
        return "application";
    }

    @Override
    void open(Surroundings now) {
        paths.clear();
        if (replies == null) return;
        try {
            replies.removeStale();
        } catch (IOException e) {
            log.warn("port {}: sockets that an earlier gateway left beside {}", config.name(), config.deliver(), e);
        }
    }

    @Override
    boolean isCurrent(Surroundings now) {
        return true;
    }

    @Override
    Endpoint endpoint(EventLoopLane lane) throws IOException {
        UdpAddress listen =
                UdpAddress.of(config.listen().getAddress(), config.listen().getPort());
        SocketSettings settings = new SocketSettings(config.mac().value(), listen, application, port().mtu());
        if (replies != null) {
            NumberedPaths own = replies.of(lane.id());
            paths.add(own);
            settings = settings.withReplies(own);
        }
        SocketEndpoint endpoint = new SocketEndpoint(settings, lane.pool(), lane.drops());
        socketEndpoints.add(endpoint);
        return endpoint;
    }

    /** That nobody receives, as far as can be seen, or that replies do not come from everywhere. */
    @Override
    public @Nullable String problem() {
        int errno = application.isUnix() ? refusal() : refusalOfDatagrams();
        if (errno != 0) {
            return "nobody receives at " + application + ": " + PortErrorLog.text(errno)
                    + "; start the application, or correct deliver";
        }
        return paths.stream()
                .map(NumberedPaths::lastErrno)
                .filter(refused -> refused != 0)
                .findFirst()
                .map(refused ->
                        "replies do not come from everywhere: no socket that all may send to could be made beside "
                                + application + ": " + PortErrorLog.text(refused))
                .orElse(null);
    }

    /** Why no socket can be connected to the application now. */
    private int refusal() {
        try (ConnectedSocket probe = new ConnectedSocket(application)) {
            return -Math.min(0, probe.open());
        }
    }

    /** Why the last datagram did not reach the application: over UDP nothing can be known before one is sent. */
    private int refusalOfDatagrams() {
        return socketEndpoints.stream()
                .filter(SocketEndpoint::isRefused)
                .findFirst()
                .map(SocketEndpoint::lastErrno)
                .orElse(0);
    }

    @Override
    public void mtu(int bytes) throws LinuxException {
        super.mtu(bytes);
        socketEndpoints.forEach(endpoint -> endpoint.mtu(bytes));
    }

    @Override
    boolean isPolled(EventLoopLane lane) {
        return true;
    }

    @Override
    void release() {
        socketEndpoints.clear();
    }
}
