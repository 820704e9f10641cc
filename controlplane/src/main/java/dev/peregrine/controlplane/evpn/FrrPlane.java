package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * EVPN by the FRR on this host. For each VNI it keeps shadow devices, which carry no packet: a bridge, a VXLAN device
 * on a UDP port of its own, and a port for what is here. zebra takes the port's forwarding entries and the bridge's
 * neighbours for local stations (RFC 7432 type 2) and the VXLAN device for membership (type 3), and bgpd announces
 * them; what bgpd learns from peers, zebra writes as entries of the VXLAN device. Sequence numbers (RFC 7432 section
 * 7.7) are zebra's.
 *
 * <p>While bgpd, zebra, or all sessions are down, entries vanish without having been withdrawn: the plane is then
 * {@link PlaneState#AWAY} and reports none of it.
 *
 * <p>An orderly end is {@link LocalState#nothing}, which removes the devices. {@link #close} alone leaves them, with
 * all that is announced, to the next start.
 */
public final class FrrPlane implements ControlPlane {
    private static final Logger log = LoggerFactory.getLogger(FrrPlane.class);
    private static final long MILLI = 1_000_000L;
    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LAST_PAUSE_MILLIS = 30_000;
    private static final Duration END_PATIENCE = Duration.ofSeconds(20);

    private final FrrSettings settings;
    private final AtomicReference<@Nullable LocalState> wanted = new AtomicReference<>();
    private final Object pause = new Object();
    private final AtomicLong overflows = new AtomicLong();
    private final AtomicBoolean resync = new AtomicBoolean();
    private @Nullable LocalState taken; // of the plane's thread
    private boolean hasLived; // of the plane's thread
    private volatile boolean closed;
    private @Nullable Thread thread; // of whoever starts and closes

    /** Does nothing before {@link #start}. */
    public FrrPlane(FrrSettings settings) {
        this.settings = settings;
    }

    @Override
    public void start(Feed feed) {
        thread = Thread.ofPlatform().daemon().name("evpn " + settings.name()).start(() -> run(feed));
    }

    @Override
    public void announce(LocalState state) {
        wanted.set(state);
    }

    @Override
    public void resync() {
        resync.set(true);
    }

    /** The state to announce, if there is a newer one since the last call. */
    @Nullable
    LocalState takeWanted() {
        LocalState state = wanted.getAndSet(null);
        taken = state == null ? taken : state;
        return state;
    }

    /** Whether the picture is to be read again; once. */
    boolean takeResync() {
        return resync.getAndSet(false);
    }

    boolean isClosed() {
        return closed;
    }

    /** The picture was told. */
    void lived() {
        hasLived = true;
    }

    boolean hasLived() {
        return hasLived;
    }

    /** News of the kernel was lost, and all was read again. */
    void overflowed() {
        overflows.incrementAndGet();
    }

    /** How often the kernel dropped news, because they came faster than they were read. */
    public long overflows() {
        return overflows.get();
    }

    private void run(Feed feed) {
        long millis = FIRST_PAUSE_MILLIS;
        while (!closed) {
            long began = System.nanoTime();
            try {
                settings.namespace().call(() -> {
                    try (FrrLoop loop = FrrLoop.open(settings, this, feed)) {
                        loop.run();
                    }
                    return true;
                });
            } catch (LinuxException | RuntimeException e) {
                boolean lasted = System.nanoTime() - began > MILLI * LAST_PAUSE_MILLIS;
                millis = lasted ? FIRST_PAUSE_MILLIS : millis;
                String why = String.valueOf(e.getMessage());
                log.warn("Control plane {}: {}; trying again in {} ms", settings.name(), why, millis);
                feed.state(hasLived ? PlaneState.AWAY : PlaneState.CONNECTING, why);
                sleep(millis + Math.floorMod(began, millis / 4));
                millis = Math.min(2 * millis, LAST_PAUSE_MILLIS);
                wanted.compareAndSet(null, taken);
            }
        }
    }

    private void sleep(long millis) {
        synchronized (pause) {
            long end = System.nanoTime() + MILLI * millis;
            for (long left = millis; left > 0 && !closed; left = (end - System.nanoTime()) / MILLI) {
                try {
                    pause.wait(left);
                } catch (InterruptedException e) {
                    return; // nobody interrupts this thread but to end it
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (pause) {
            pause.notifyAll();
        }
        Thread running = thread;
        if (running != null) {
            try {
                running.join(END_PATIENCE); // it may wait for a feed whose reader is the caller
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
