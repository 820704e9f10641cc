package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.device.InterfaceEndpoint;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An interface that exists already, such as a network card or one end of a veth pair. It stays as it is, promiscuous
 * mode aside; while it is missing or down, the port waits. One lane receives, all send.
 */
public final class InterfacePort extends LocalPort {
    /** Frames that the kernel holds for a worker that is late. */
    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    private final InterfacePortConfig config;
    private final NetNamespace namespace;
    private final Set<TapOffload> offloads;
    private int segmentMtu;
    private final Counter overflows = new Counter();
    private @Nullable PacketSocket socket;
    private NetNamespace.@Nullable Identity home;
    private @Nullable InterfaceState device;

    InterfacePort(Port port, InterfacePortConfig config, boolean offload, Means means) {
        super(port, config, means);
        this.config = config;
        namespace = config.netns().map(NetNamespace::of).orElseGet(NetNamespace::current);
        offloads = offload ? EnumSet.allOf(TapOffload.class) : EnumSet.noneOf(TapOffload.class);
        segmentMtu = port.mtu();
    }

    @Override
    Optional<NetNamespace> namespace() {
        return Optional.of(namespace);
    }

    @Override
    public @Nullable InterfaceState device() {
        return device;
    }

    @Override
    void open(Surroundings now) throws IOException, NotYet {
        if (now.isMissing()) {
            throw new NotYet(namespace.absence());
        }
        now.requireReadable();
        home = now.identity();
        device = now.find(config.device()).orElse(null);
        if (device == null) {
            throw new NotYet("there is no interface " + config.device() + " in " + namespace + ": " + namespace.ip()
                    + " link shows which there are");
        }
        if (!device.link().isUp()) {
            throw new NotYet("interface " + config.device() + " is down: " + namespace.ip() + " link set "
                    + config.device() + " up");
        }
        socket = PacketSocket.open(namespace, config.device(), RECEIVE_BUFFER_BYTES);
    }

    /** The socket keeps a namespace that was deleted alive: it has to be let go. */
    @Override
    boolean isCurrent(Surroundings now) {
        PacketSocket open = socket;
        if (open == null || now.isMissing()) {
            return false;
        }
        if (now.failure() != null) {
            return true; // nothing is known to have changed
        }
        return Objects.equals(now.identity(), home)
                && now.find(config.device())
                        .map(InterfaceState::link)
                        .filter(link -> link.isUp() && link.index() == open.index())
                        .isPresent();
    }

    @Override
    @Nullable
    String follow(Surroundings now) {
        now.find(config.device()).ifPresent(found -> {
            device = found;
            port().mtu(Math.min(segmentMtu, found.link().mtu()));
        });
        return null;
    }

    /** The next tick says what the interface makes of it. */
    @Override
    public void mtu(int bytes) {
        segmentMtu = bytes;
        port().mtu(Math.min(bytes, port().mtu()));
    }

    @Override
    Endpoint endpoint(EventLoopLane lane) {
        PacketSocket open = socket;
        if (open == null) {
            throw new IllegalStateException("port " + port().name() + " is not open");
        }
        return new InterfaceEndpoint(open, offloads, lane.pool(), lane.drops());
    }

    @Override
    boolean isPolled(EventLoopLane lane) {
        return lane.id() == 0;
    }

    /** Up to now, frames that were not received in time. */
    @Override
    public long losses(DropReason reason) {
        if (reason != DropReason.INTERFACE_RECEIVE_OVERFLOW) {
            return 0;
        }
        takeOverflows();
        return overflows.value();
    }

    private void takeOverflows() {
        if (socket == null) {
            return;
        }
        try {
            overflows.add(socket.takeDrops());
        } catch (LinuxException e) {
            return; // the interface is going away; tick will notice
        }
    }

    @Override
    void release() {
        if (socket != null) {
            takeOverflows();
            socket.close();
            socket = null;
        }
    }
}
