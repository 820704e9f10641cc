package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.gateway.config.PortConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One configured port: the device behind it and its endpoints on all lanes. Belongs to the control thread.
 *
 * <p>A port that cannot come up, or whose device went away, is tried again at every {@link #tick}.
 */
abstract sealed class LocalPort permits TapPort, InterfacePort, SocketPort {
    private static final Logger log = LoggerFactory.getLogger(LocalPort.class);

    private final Port port;
    private final PortConfig config;
    private final List<Lane> lanes;
    private final Executor control;
    private final List<Lane.Attachment> attachments = new ArrayList<>();
    private State state = State.WAITING;
    private @Nullable String reason = "not tried yet";

    /** What a user sees of a port. */
    enum State {
        /** Frames pass. */
        UP,
        /** Its namespace is not there. */
        WAITING,
        /** The system refused its device. */
        FAILED
    }

    /** Why a port cannot come up now, without fault. */
    static final class NotYet extends Exception {
        private static final long serialVersionUID = 1L;

        NotYet(String reason) {
            super(reason);
        }
    }

    LocalPort(Port port, PortConfig config, List<Lane> lanes, Executor control) {
        this.port = port;
        this.config = config;
        this.lanes = lanes;
        this.control = control;
    }

    Port port() {
        return port;
    }

    PortConfig config() {
        return config;
    }

    State state() {
        return state;
    }

    /** Why the port is not up; null when it is. */
    @Nullable
    String reason() {
        return reason;
    }

    List<Lane> lanes() {
        return lanes;
    }

    /** Sets how long frames may be, when the MTU of the port's VNI has changed. */
    void mtu(int bytes) throws LinuxException {
        port.mtu(bytes);
    }

    List<Endpoint> endpoints() {
        return attachments.stream().map(Lane.Attachment::endpoint).toList();
    }

    /** Makes the device. */
    abstract void open() throws IOException, NotYet;

    /** Whether what was opened is still what the configuration names. */
    abstract boolean isCurrent();

    /** Makes the endpoint of one lane. */
    abstract Endpoint endpoint(Lane lane) throws IOException;

    /** Whether a lane's endpoint has frames of its own to give. */
    abstract boolean isPolled(Lane lane);

    /** Removes the device. */
    abstract void release();

    /** Takes the port towards being up. */
    final void tick() {
        if (state == State.UP) {
            if (isCurrent() && endpoints().stream().noneMatch(Endpoint::isGone)) {
                return;
            }
            log.info("port {}: its device went away", port.name());
            close();
            state = State.WAITING;
        }
        try {
            open();
            for (Lane lane : lanes) {
                attachments.add(
                        lane.attach(port, () -> endpoint(lane), isPolled(lane), () -> control.execute(this::tick)));
            }
            become(State.UP, null);
        } catch (NotYet e) {
            fallBack(State.WAITING, e);
        } catch (IOException | RuntimeException e) {
            fallBack(State.FAILED, e);
        }
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

    /** Takes the endpoints off the lanes and removes the device. */
    final void close() {
        for (Lane.Attachment attachment : attachments) {
            try {
                attachment.detach();
            } catch (IOException | IllegalStateException e) {
                log.warn("port {}: closing", port.name(), e);
            }
        }
        attachments.clear();
        port.announceChange();
        release();
    }
}
