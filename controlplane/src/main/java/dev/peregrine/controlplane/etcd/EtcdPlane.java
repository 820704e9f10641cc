package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.Retry;
import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry in etcd, by its JSON gateway: gateways put their VTEP, memberships and stations there, on a lease, and
 * watch those of the others.
 *
 * <p>It has two threads: its own, and one for the work of connections. A registry that is away is followed from where
 * it was left; the whole picture is read where that cannot be, such as after a compaction.
 */
public final class EtcdPlane implements ControlPlane {
    private static final Logger log = LoggerFactory.getLogger(EtcdPlane.class);

    /** A connection that held for that long does not count as a failure when it ends. */
    private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long CLOSE_MILLIS = 2000;

    private final EtcdSettings settings;
    private final Session.Timing timing;
    private final BlockingQueue<Mail> mailbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final AtomicBoolean resync = new AtomicBoolean();
    private final Thread thread;
    private volatile @Nullable LocalState wanted;
    private volatile @Nullable Feed feed;
    private volatile boolean closed;

    // The plane's thread alone.
    private PlaneState state = PlaneState.CONNECTING;
    private String why = "";
    private boolean wasLive;
    private long warnedAt;
    private boolean hasWarned;

    /** A plane that has not begun. */
    public EtcdPlane(EtcdSettings settings) {
        this.settings = settings;
        timing = Session.Timing.of(settings);
        thread = new Thread(this::run, "control-" + settings.name());
        thread.setDaemon(true);
    }

    @Override
    public void start(Feed to) {
        feed = to;
        thread.start();
    }

    @Override
    public void announce(LocalState next) {
        wanted = next;
        wake();
    }

    @Override
    public void resync() {
        resync.set(true);
        wake();
    }

    private void wake() {
        if (!isWoken.getAndSet(true)) mailbox.add(new Mail.Wake());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- what a session asks for ------------------------------------------------------------------------------

    String name() {
        return settings.name();
    }

    Feed feed() {
        return Objects.requireNonNull(feed, "started");
    }

    @Nullable
    LocalState wanted() {
        return wanted;
    }

    boolean takeResync() {
        return resync.getAndSet(false);
    }

    void post(Mail mail) {
        mailbox.add(mail);
    }

    /** Waits for mail, at most for so long; null if none came. */
    @Nullable
    Mail await(long nanos) throws InterruptedException {
        Mail mail = mailbox.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        if (mail instanceof Mail.Wake) isWoken.set(false);
        return mail;
    }

    /** The registry has answered, and its picture follows. */
    void contact() {
        if (state != PlaneState.LIVE) report(PlaneState.SYNCING, "");
    }

    /** The picture is whole and followed. */
    void live(String problem) {
        wasLive = true;
        report(PlaneState.LIVE, problem);
    }

    /** Says each hour that anybody on the way can forge what the registry says. */
    void warnOfPlainText() {
        long now = System.nanoTime();
        if (hasWarned && now - warnedAt < HOUR_NANOS) return;
        List<URI> plain = settings.endpoints().stream()
                .filter(endpoint -> EtcdClient.isPlain(endpoint) && !Endpoints.isLoopback(endpoint))
                .toList();
        if (!plain.isEmpty()) {
            log.warn("plane {}: {} is not encrypted: whoever is on the way can move any MAC", name(), plain);
        }
        hasWarned = true;
        warnedAt = now;
    }

    // ---- the thread -------------------------------------------------------------------------------------------

    private void run() {
        ExecutorService connections = Executors.newSingleThreadExecutor(this::connectionThread);
        try {
            report(PlaneState.CONNECTING, "", true);
            run(connections);
        } catch (InterruptedException e) {
            if (!closed) log.error("plane {} was interrupted", name(), e);
        } finally {
            connections.shutdownNow();
        }
    }

    private Thread connectionThread(Runnable work) {
        Thread connections = new Thread(work, "control-" + name() + "-io");
        connections.setDaemon(true);
        return connections;
    }

    private void run(ExecutorService connections) throws InterruptedException {
        Registry registry = new Registry(new Layout(settings.prefix()), feed());
        Retry retry = new Retry();
        int endpoint = 0;
        int failures = 0;
        while (!closed) {
            long began = System.nanoTime();
            Outcome outcome = follow(settings.endpoints().get(endpoint), registry, connections);
            endpoint = (endpoint + 1) % settings.endpoints().size();
            if (outcome.lived() && System.nanoTime() - began >= STEADY_NANOS) {
                retry.reset();
                failures = 0;
                continue; // at once, once around: a cluster may have lost one member only
            }
            failures++;
            if (failures >= settings.endpoints().size()) {
                failures = 0;
                report(
                        outcome.state(wasLive),
                        Texts.line(String.valueOf(outcome.failure().getMessage()), 300));
                pause(retry.next());
            }
        }
    }

    /**
     * How a session ended.
     *
     * @param lived whether its picture was whole before
     */
    private record Outcome(IOException failure, boolean lived) {
        PlaneState state(boolean wasLive) {
            if (failure instanceof EtcdException refusal && refusal.isRefusal()) return PlaneState.REFUSED;
            return wasLive ? PlaneState.AWAY : PlaneState.CONNECTING;
        }
    }

    private Outcome follow(URI endpoint, Registry registry, ExecutorService connections) throws InterruptedException {
        boolean lived = false;
        try {
            EtcdClient client = new EtcdClient(endpoint, settings, Duration.ofNanos(timing.limit()), connections);
            Session session = new Session(this, client, registry, settings, timing);
            try (session) {
                session.run();
                throw new AssertionError("a session ends by an exception");
            } finally {
                lived = session.lived();
            }
        } catch (IOException e) {
            return new Outcome(e, lived);
        } catch (RuntimeException e) {
            log.error("plane {}: a fault; connecting anew", name(), e);
            return new Outcome(new IOException("a fault: " + e, e), lived);
        }
    }

    /** Until the next try, or until somebody wants the picture. */
    private void pause(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !resync.get(); left = until - System.nanoTime()) {
            await(left);
        }
    }

    private void report(PlaneState next, String reason) {
        report(next, reason, false);
    }

    private void report(PlaneState next, String reason, boolean always) {
        if (!always && next == state && reason.equals(why)) return;
        state = next;
        why = reason;
        feed().state(next, reason);
    }
}
