package dev.peregrine.gateway;

import dev.peregrine.dataplane.linux.Epoll;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.NetlinkEvent;
import dev.peregrine.dataplane.linux.NetlinkListener;
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
 * <p>Storms cost little: after the first event of a while a moment passes, so that what comes together is told together,
 * and nothing is read while the control thread has not taken what was told. The kernel's queue is the bound; where it
 * overflows, listeners are told to look at everything again.
 */
final class NetworkEvents implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NetworkEvents.class);

    /** How long events are gathered; also the pause between two looks at whether the control thread is ready. */
    private static final int GATHER_MILLIS = 20;

    /** How often the thread looks whether it should end. */
    private static final int WAIT_MILLIS = 1000;

    private static final int MOST_AT_ONCE = 1000;
    private static final List<Consumer<List<NetlinkEvent>>> NOBODY = List.of();

    private final NetlinkListener socket;
    private final Executor control;
    private final List<Consumer<List<NetlinkEvent>>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean telling;
    private volatile boolean ended;

    private NetworkEvents(NetlinkListener socket, Executor control) {
        this.socket = socket;
        this.control = control;
    }

    /** Hears from now on, in the calling thread's network namespace; {@code control} runs what listeners do. */
    static NetworkEvents begin(Executor control) throws LinuxException {
        NetworkEvents events = new NetworkEvents(NetlinkListener.open(), control);
        Thread.ofPlatform().name("network-events").daemon().start(events::hear);
        return events;
    }

    /** Has a listener told of events, in their order, on the control thread. */
    void tell(Consumer<List<NetlinkEvent>> listener) {
        listeners.add(listener);
    }

    private void hear() {
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
        } catch (LinuxException | RuntimeException e) {
            log.error("changes in the network are not heard any more: restart the gateway to have them followed", e);
        }
    }

    private void pass(List<NetlinkEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        telling = true;
        control.execute(() -> {
            for (Consumer<List<NetlinkEvent>> listener : ended ? NOBODY : listeners) {
                try {
                    listener.accept(events);
                } catch (RuntimeException e) {
                    log.error("a change in the network was not followed", e);
                }
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
