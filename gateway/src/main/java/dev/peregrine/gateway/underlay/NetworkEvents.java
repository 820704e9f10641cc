package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.netlink.NetlinkListener;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.worker.FaultLog;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what changes in the network, on a thread of its own that sleeps else, and tells the control thread: of the
 * gateway's own namespace, and of those that it has a number for.
 *
 * <p>Storms cost little: after the first event of a while a moment passes, so that what comes together is told
 * together, and nothing is read while the control thread has not taken what was told. The kernel's queue is the bound;
 * where it overflows, listeners are told to look at everything again.
 */
public final class NetworkEvents implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NetworkEvents.class);

    /** How long events are gathered; also the pause between two looks at whether the control thread is ready. */
    private static final int GATHER_MILLIS = 20;

    /** How often the thread looks whether it should end. */
    private static final int WAIT_MILLIS = 1000;

    private static final int MOST_AT_ONCE = 1000;
    private static final List<Consumer<List<NetlinkEvent>>> NOBODY = List.of();

    private final Executor control;
    private final FaultLog faults;
    private final List<Consumer<List<NetlinkEvent>>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean telling;
    private volatile boolean ended;

    private NetworkEvents(Executor control, FaultLog faults) {
        this.control = control;
        this.faults = faults;
    }

    /** Hears from now on, in the calling thread's network namespace; {@code control} runs what listeners do. */
    public static NetworkEvents begin(Executor control, FaultLog faults) throws LinuxException {
        NetworkEvents events = new NetworkEvents(control, faults);
        NetlinkListener first = NetlinkListener.open();
        Thread.ofPlatform().name("network-events").daemon().start(() -> events.hear(first));
        return events;
    }

    /** Has a listener told of events, in their order, on the control thread. */
    public void tell(Consumer<List<NetlinkEvent>> listener) {
        listeners.add(listener);
    }

    /** After a failure the socket is opened again, and everything is looked at again. */
    private void hear(NetlinkListener first) {
        try {
            faults.run("hearing of changes in the network", () -> hearFrom(first));
            while (!ended) {
                Thread.sleep(WAIT_MILLIS);
                faults.run("hearing of changes in the network", this::hearAgain);
            }
        } catch (InterruptedException e) {
            log.debug("the gateway ends", e);
        }
    }

    private void hearAgain() {
        try {
            NetlinkListener socket = NetlinkListener.open();
            pass(List.of(NetlinkEvent.LOST));
            hearFrom(socket);
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void hearFrom(NetlinkListener socket) {
        try (socket;
                Epoll epoll = Epoll.open(1)) {
            epoll.add(socket.fd(), 0);
            while (!ended) {
                if (epoll.poll(WAIT_MILLIS) > 0) {
                    Thread.sleep(GATHER_MILLIS);
                    if (!telling) {
                        pass(socket.read(MOST_AT_ONCE));
                    }
                }
            }
        } catch (RejectedExecutionException | InterruptedException e) {
            log.debug("the gateway ends", e);
            ended = true;
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pass(List<NetlinkEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        telling = true;
        control.execute(() -> {
            for (Consumer<List<NetlinkEvent>> listener : ended ? NOBODY : listeners) {
                faults.run("following a change in the network", () -> listener.accept(events));
            }
            telling = false;
        });
    }

    /** Nothing more is told; the thread ends within a second. */
    @Override
    public void close() {
        ended = true;
    }
}
