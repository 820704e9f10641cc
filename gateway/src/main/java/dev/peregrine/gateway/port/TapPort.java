package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.device.QueueSteering;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.dataplane.endpoint.device.TapEndpoint;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.linux.tun.WorkloadDevice;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TAP device, in the namespace of a container or in the gateway's own. */
public class TapPort extends LocalPort {
    private static final Logger log = LoggerFactory.getLogger(TapPort.class);

    /** Frames that the kernel holds for a worker that is late: 40 ms of 100,000 a second. */
    private static final int QUEUED_FRAMES = 4096;

    private final TapPortConfig config;
    private final NetNamespace namespace;
    private final boolean offload;
    private final Supplier<TapCheck> check;
    private InterfaceSetup setup;
    private final SetupKeeper keeper;
    private final Counter overflows = new Counter();
    private @Nullable WorkloadDevice workload;
    private NetNamespace.@Nullable Identity home;
    private @Nullable InterfaceState device;
    private @Nullable String problem;
    private @Nullable String spread;
    private long overflowsSeen;

    /**
     * @param offload whether offloads are wanted
     * @param check what came of trying them; asked when a device is opened, and then waited for
     */
    TapPort(Port port, TapPortConfig config, boolean offload, Supplier<TapCheck> check, Means means) {
        super(port, config, means);
        this.config = config;
        namespace = config.netns().map(NetNamespace::of).orElseGet(NetNamespace::current);
        this.offload = offload;
        this.check = check;
        setup = new InterfaceSetup(config.mac().value(), port.mtu(), config.addresses(), config.routes());
        keeper = new SetupKeeper(port.name(), setup);
    }

    @Override
    Optional<NetNamespace> namespace() {
        return Optional.of(namespace);
    }

    /** The descriptor of a TAP device that ends tells so. */
    @Override
    boolean isSteady() {
        return state() == State.UP;
    }

    @Override
    boolean hasRoutes() {
        return !setup.routes().isEmpty();
    }

    @Override
    public @Nullable InterfaceState device() {
        return device;
    }

    @Override
    public @Nullable String problem() {
        String ofDevice = problem == null ? keeper.problem() : problem;
        return ofDevice == null && workload != null ? spread : ofDevice;
    }

    @Override
    void open(Surroundings now) throws IOException, NotYet {
        if (now.isMissing()) {
            throw new NotYet(namespace.absence());
        }
        now.requireReadable();
        home = now.identity();
        try (QueueSteering steering = QueueSteering.of(config.queues())) {
            WorkloadDevice made = make(now, namespace, setup, steering);
            workload = made;
            spread = spread(steering.obstacle(made.tap()));
        }
        overflowsSeen = 0;
    }

    /** Says once, in the log, what does not hold of several queues. */
    private @Nullable String spread(String obstacle) {
        if (obstacle.isEmpty()) {
            return null;
        }
        String says = "the kernel spreads its flows over " + config.queues() + " queues, and may move a flow to another"
                + " queue, so that its frames overtake each other: " + obstacle;
        if (!says.equals(spread)) {
            log.warn("port {}: {}", port().name(), says);
        }
        return says;
    }

    /** Makes the workload's device in its namespace. */
    WorkloadDevice make(Surroundings now, NetNamespace where, InterfaceSetup wanted, QueueSteering steering)
            throws LinuxException, NotYet {
        TapBuilder builder = queues(TapBuilder.named(config.device()), steering)
                .in(where)
                .mac(wanted.mac())
                .mtu(wanted.mtu())
                .announced();
        wanted.addresses().forEach(builder::address);
        wanted.routes().forEach(builder::route);
        if (now.find(config.device()).isPresent()) {
            throw new NotYet(State.FAILED, builder.taken());
        }
        return builder.open();
    }

    /** A TAP whose queues are as the workers' endpoints want them. */
    final TapBuilder queues(TapBuilder builder, QueueSteering steering) {
        return steering.steer(builder.queues(config.queues()))
                .txQueueLength(QUEUED_FRAMES)
                .maxSegments(TapEndpoint.MAX_SEGMENTS)
                .offloads(offload ? check.get().passed(EnumSet.allOf(TapOffload.class)) : Set.of());
    }

    /** A name that stands for another namespace now means that the container was replaced. */
    @Override
    boolean isCurrent(Surroundings now) {
        WorkloadDevice open = workload;
        if (open == null || (now.identity() != null && !now.identity().equals(home))) {
            return false;
        }
        return now.find(open.index()).isPresent() || !open.gone();
    }

    @Override
    void restore(Surroundings here, long nowNanos) {
        if (workload != null && Objects.equals(here.identity(), home)) {
            here.find(workload.index()).ifPresent(found -> keeper.restore(found, nowNanos));
        }
    }

    /** The kernel knows the device by its number, whatever the workload calls it. */
    @Override
    @Nullable
    String follow(Surroundings now) {
        WorkloadDevice open = workload;
        if (open == null || now.identity() == null) {
            return reason(); // its namespace lives on without a name, and cannot be asked
        }
        boolean wasThere = device != null;
        device = now.find(open.index()).orElse(null);
        if (device == null) {
            problem = wasThere || problem != null
                    ? "the workload moved " + config.device() + " to another network namespace: frames pass, but its "
                            + "addresses and routes are not looked after there"
                    : null;
            return null;
        }
        count(open, device.link());
        String name = device.link().name();
        problem = name.equals(config.device())
                ? null
                : "the workload renamed " + config.device() + " to " + name + ": frames pass as before";
        return device.link().isUp()
                ? null
                : "its device is down, so no frames pass: " + namespace.ip() + " link set " + name + " up";
    }

    @Override
    Endpoint endpoint(EventLoopLane lane) {
        WorkloadDevice open = workload;
        if (open == null) {
            throw new IllegalStateException("port " + port().name() + " is not open");
        }
        return new TapEndpoint(open.tap(), lane.id() % config.queues(), check.get(), lane.pool(), lane.drops());
    }

    /** Every queue is read by one lane; lanes beyond the queues only write. */
    @Override
    boolean isPolled(EventLoopLane lane) {
        return lane.id() < config.queues();
    }

    @Override
    public void mtu(int bytes) throws LinuxException {
        super.mtu(bytes);
        setup = setup.withMtu(bytes);
        keeper.setup(setup);
        if (workload != null) {
            workload.mtu(bytes);
        }
    }

    /** Up to the last look, frames that were not read in time. */
    @Override
    public long losses(DropReason reason) {
        return reason == DropReason.TAP_TRANSMIT_OVERFLOW ? overflows.value() : 0;
    }

    private void count(WorkloadDevice of, Link found) {
        try {
            long now = of.lost(found);
            overflows.add(Math.max(0, now - overflowsSeen));
            overflowsSeen = now;
        } catch (LinuxException e) {
            return; // the next look counts
        }
    }

    @Override
    void release() {
        if (workload != null) {
            countAtTheEnd(workload);
            workload.close();
            workload = null;
            device = null;
            problem = null;
        }
    }

    private void countAtTheEnd(WorkloadDevice ending) {
        try {
            ending.link().ifPresent(found -> count(ending, found));
        } catch (LinuxException e) {
            return; // its namespace has gone, and the count with it
        }
    }
}
