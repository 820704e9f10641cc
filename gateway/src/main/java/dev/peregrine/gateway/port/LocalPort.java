package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One configured port: the device behind it and its endpoints on all lanes. Belongs to the control thread.
 *
 * <p>At every {@link #look} a port that cannot come up, or whose device went away, is tried again, and one that is up
 * is compared with its configuration. In the tables it is while it is up, and no longer.
 */
public abstract class LocalPort {
    private static final Logger log = LoggerFactory.getLogger(LocalPort.class);

    /** The reasons for which the kernel drops at ports, and {@link #losses} counts. */
    public static final Set<DropReason> LOSSES =
            EnumSet.of(DropReason.TAP_TRANSMIT_OVERFLOW, DropReason.INTERFACE_RECEIVE_OVERFLOW);

    private final Port port;
    private final PortConfig config;
    private final Means means;
    private final String label;
    private final List<EventLoopLane.Attachment> attachments = new ArrayList<>();
    private List<Endpoint> endpoints = List.of();
    private final Backoff retry = new Backoff();
    private NetNamespace.@Nullable Identity lastHome;
    private boolean isOpen;
    private boolean isInTables;
    private State state = State.WAITING;
    private @Nullable String reason = "not tried yet";

    /** The state of a port, as users see it. */
    public enum State {
        /** Frames pass. */
        UP,
        /** Its namespace or its device is not there, or its device is down. */
        WAITING,
        /** The system refused its device. */
        FAILED
    }

    /** Why a port cannot come up now, as looking was enough to see: looking again costs nothing. */
    static final class NotYet extends Exception {
        private static final long serialVersionUID = 1L;

        private final State state;

        NotYet(String reason) {
            this(State.WAITING, reason);
        }

        NotYet(State state, String reason) {
            super(reason);
            this.state = state;
        }
    }

    /**
     * The parts of a gateway that all ports work with.
     *
     * @param lanes where their endpoints are
     * @param tables where they stand while they are up
     * @param news is told, on any thread, that a port's device may have gone
     */
    public record Means(List<EventLoopLane> lanes, Tables tables, Consumer<LocalPort> news) {}

    LocalPort(Port port, PortConfig config, Means means) {
        this.port = port;
        this.config = config;
        this.means = means;
        label = "port " + port.name();
    }

    /** As in {@code port web}, for messages. */
    public String label() {
        return label;
    }

    /** The port of the virtual device. */
    public Port port() {
        return port;
    }

    /** The port as configured. */
    public PortConfig config() {
        return config;
    }

    /** The state that {@code port list} shows. */
    public State state() {
        return state;
    }

    /** Why the port is not up, and what to do; null when it is. */
    public @Nullable String reason() {
        return reason;
    }

    /** Sets how long frames may be, when the MTU of the port's VNI has changed. */
    public void mtu(int bytes) throws LinuxException {
        port.mtu(bytes);
    }

    /** The endpoints at the workers; none while the device is away. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Where its device is or will be; empty when it has none. */
    abstract Optional<NetNamespace> namespace();

    /**
     * Whether it is up, and the end of its device would be news: then it can be looked at more seldom than once a
     * second.
     */
    boolean isSteady() {
        return false;
    }

    /** Whether its device has routes to look after. */
    boolean hasRoutes() {
        return false;
    }

    /** The device as the last look found it; null when it was not found, or there is none. */
    public @Nullable InterfaceState device() {
        return null;
    }

    /** The difference between the device and its configuration, or the last that was put back; null without one. */
    public @Nullable String problem() {
        return null;
    }

    /**
     * The addresses that it has now, with spaces between: those of its device as the system has them, but IPv6
     * link-local ones; empty without any, or without the device.
     */
    public String addresses() {
        InterfaceState found = device();
        return found == null
                ? ""
                : found.addresses().stream()
                        .filter(prefix -> !(prefix.address() instanceof Inet6Address ipv6 && ipv6.isLinkLocalAddress()))
                        .map(address -> AddressText.of(address.address()) + "/" + address.length())
                        .sorted()
                        .collect(Collectors.joining(" "));
    }

    /** The word for whom it gives frames to, in messages about those that were refused. */
    public String receiver() {
        return "device";
    }

    /**
     * Wire packets of the workload that the kernel dropped at the port for one of the {@link #LOSSES} since the start.
     */
    public long losses(DropReason reason) {
        return 0;
    }

    /** Makes the device. */
    abstract void open(Surroundings now) throws IOException, NotYet;

    /** Whether what was opened is still what the configuration names. */
    abstract boolean isCurrent(Surroundings now);

    /**
     * Follows what the device has become; returns why frames cannot pass now, and what to do, or null when they can.
     */
    @Nullable
    String follow(Surroundings now) {
        return null;
    }

    /** Puts back at the device what is missing. Called in the port's namespace, before the look. */
    void restore(Surroundings here, long nowNanos) {}

    /** Makes the endpoint of one lane. */
    abstract Endpoint endpoint(EventLoopLane lane) throws IOException;

    /** Whether a lane's endpoint has frames of its own to give. */
    abstract boolean isPolled(EventLoopLane lane);

    /** Removes the device. */
    abstract void release();

    /** Takes the port towards being up, by what was found of its namespace. */
    final void look(Surroundings now, long nowNanos) {
        if (isOpen) {
            IOException refusal = refusal();
            if (refusal != null) {
                leaveTables();
                retry.failed(nowNanos);
                fallBack(State.FAILED, refusal);
                return;
            }
            if (isCurrent(now) && !isAnyGone()) {
                settle(now);
                return;
            }
            log.info("port {}: its device went away", port.name());
            leaveTables();
            close();
            state = State.WAITING;
            retry.reset();
        }
        if (!Objects.equals(now.identity(), lastHome)) {
            lastHome = now.identity();
            retry.reset();
        }
        if (retry.isDue(nowNanos)) {
            tryToOpen(now, nowNanos);
        }
    }

    /** Why a lane cannot take its frames; null when all that should can. */
    private @Nullable IOException refusal() {
        for (EventLoopLane.Attachment attachment : attachments) {
            if (attachment.refusal() != null) {
                return attachment.refusal();
            }
        }
        return null;
    }

    private boolean isAnyGone() {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.isGone()) {
                return true;
            }
        }
        return false;
    }

    private void tryToOpen(Surroundings now, long nowNanos) {
        try {
            open(now);
            isOpen = true;
            for (EventLoopLane lane : means.lanes) {
                attachments.add(lane.attach(port, () -> endpoint(lane), isPolled(lane), () -> means.news.accept(this)));
            }
            endpoints =
                    attachments.stream().map(EventLoopLane.Attachment::endpoint).toList();
            IOException refusal = refusal();
            if (refusal != null) {
                throw refusal;
            }
            retry.reset();
            settle(now);
        } catch (NotYet e) {
            fallBack(e.state, e);
        } catch (IOException | RuntimeException e) {
            retry.failed(nowNanos);
            fallBack(State.FAILED, e);
        }
    }

    /** Stands in the tables as long as frames can pass. */
    private void settle(Surroundings now) {
        String down = follow(now);
        if (down == null) {
            enterTables();
            become(State.UP, null);
        } else {
            leaveTables();
            become(State.WAITING, down);
        }
    }

    private void enterTables() {
        if (!isInTables) {
            isInTables = true;
            means.tables.enter(port, config.ownMac());
        }
    }

    private void leaveTables() {
        if (isInTables) {
            isInTables = false;
            means.tables.leave(port, config.ownMac());
        }
    }

    /** Whether a MAC address is its own, and leads to it because it is up. */
    public final boolean owns(MacAddress mac) {
        return isInTables && config.ownMac().equals(Optional.of(mac));
    }

    /** Has its own MAC address lead to it again, in place of an entry that was in the way and is removed now. */
    public final void takeBack(MacAddress own) {
        means.tables.fdb().add(port.segment(), own.value(), port.id(), true, System.nanoTime());
    }

    /** Has no frame sent to it any more: it is to go, and is not looked at again. */
    public final void retire() {
        isInTables = false;
        means.tables.closePort(port);
    }

    private void fallBack(State next, Exception cause) {
        close();
        become(next, cause.getMessage());
    }

    private void become(State next, @Nullable String why) {
        if (next != state || !Objects.equals(why, reason)) {
            if (next == State.UP) {
                log.info("port {} is up", port.name());
            } else {
                log.warn("port {} is {}: {}", port.name(), next.name().toLowerCase(Locale.ROOT), why);
            }
        }
        state = next;
        reason = why;
    }

    /** Has each lane's endpoint do what is due; about once a second. */
    public final void tick() {
        attachments.forEach(EventLoopLane.Attachment::tick);
    }

    /** Takes the endpoints off the lanes and removes the device. */
    public final void close() {
        for (EventLoopLane.Attachment attachment : attachments) {
            try {
                attachment.detach();
            } catch (IOException | IllegalStateException e) {
                log.warn("port {}: closing", port.name(), e);
            }
        }
        if (!attachments.isEmpty()) {
            attachments.clear();
            endpoints = List.of();
            port.announceChange();
        }
        isOpen = false;
        release();
    }
}
