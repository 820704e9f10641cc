package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.TapCheck;
import dev.peregrine.dataplane.endpoint.TapEndpoint;
import dev.peregrine.dataplane.linux.Link;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.NetNamespace;
import dev.peregrine.dataplane.linux.Prefix;
import dev.peregrine.dataplane.linux.Route;
import dev.peregrine.dataplane.linux.Tap;
import dev.peregrine.dataplane.linux.TapBuilder;
import dev.peregrine.dataplane.linux.TapOffload;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.gateway.config.RouteConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A TAP device, in the namespace of a container or in the gateway's own. */
final class TapPort extends LocalPort {
    /** Frames that the kernel holds for a worker that is late: 40 ms of 100,000 a second. */
    private static final int QUEUED_FRAMES = 4096;

    private final TapPortConfig config;
    private final NetNamespace namespace;
    private final Set<TapOffload> offloads;
    private final TapCheck check;
    private final Counter overflows = new Counter();
    private @Nullable Tap tap;
    private NetNamespace.@Nullable Identity home;
    private long overflowsSeen;

    /**
     * @param offload whether offloads are wanted
     * @param check what came of trying them
     */
    TapPort(Port port, TapPortConfig config, boolean offload, TapCheck check, List<Lane> lanes, Executor control) {
        super(port, config, lanes, control);
        this.config = config;
        namespace = config.netns().map(NetNamespace::of).orElseGet(NetNamespace::current);
        offloads = offload ? check.passed(EnumSet.allOf(TapOffload.class)) : EnumSet.noneOf(TapOffload.class);
        this.check = check;
    }

    @Override
    void open() throws IOException, NotYet {
        if (!namespace.exists()) {
            throw new NotYet("there is no network namespace " + config.netns().orElse("of its own"));
        }
        home = namespace.identity();
        TapBuilder builder = TapBuilder.named(config.device())
                .in(namespace)
                .queues(config.queues())
                .mac(config.mac().value())
                .mtu(port().mtu())
                .txQueueLength(QUEUED_FRAMES)
                .maxSegments(TapEndpoint.MAX_SEGMENTS)
                .offloads(offloads);
        config.addresses().forEach(address -> builder.address(prefix(address)));
        config.routes().forEach(route -> builder.route(route(route)));
        tap = builder.open();
        overflowsSeen = 0;
    }

    private static Prefix prefix(dev.peregrine.gateway.config.Prefix prefix) {
        return new Prefix(prefix.address(), prefix.length());
    }

    private static Route route(RouteConfig route) {
        return new Route(prefix(route.to()), route.via().orElse(null));
    }

    /** A name that stands for another namespace now means that the container was replaced. */
    @Override
    boolean isCurrent() {
        if (tap == null || tap.gone()) {
            return false;
        }
        try {
            return !namespace.exists() || namespace.identity().equals(home);
        } catch (LinuxException e) {
            return true;
        }
    }

    @Override
    Endpoint endpoint(Lane lane) {
        Tap device = tap;
        if (device == null) {
            throw new IllegalStateException("port " + port().name() + " is not open");
        }
        return new TapEndpoint(device, lane.id() % config.queues(), check, lane.pool(), lane.drops());
    }

    /** Every queue is read by one lane; lanes beyond the queues only write. */
    @Override
    boolean isPolled(Lane lane) {
        return lane.id() < config.queues();
    }

    @Override
    void mtu(int bytes) throws LinuxException {
        super.mtu(bytes);
        if (tap != null) {
            tap.mtu(bytes);
        }
    }

    /** What the kernel takes; empty while the port is not up. */
    Set<TapOffload> offloads() {
        return tap == null ? Set.of() : tap.offloads();
    }

    /** Frames of the workload that the kernel dropped at the device, because they were not read in time. */
    long overflows() {
        if (tap != null) {
            try {
                Optional<Link> link = tap.link();
                if (link.isPresent()) {
                    long now = link.get().statistics().txDropped();
                    overflows.add(Math.max(0, now - overflowsSeen));
                    overflowsSeen = now;
                }
            } catch (LinuxException e) {
                return overflows.value(); // the device is going away; tick will notice
            }
        }
        return overflows.value();
    }

    @Override
    void release() {
        if (tap != null) {
            overflows();
            tap.close();
            tap = null;
        }
    }
}
