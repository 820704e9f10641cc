package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneLife;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.Retry;
import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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

    private final EtcdSettings settings;
    private final Session.Timing timing;
    private final PlaneLife<Mail> life;

    // The plane's thread alone.
    private long warnedAt;
    private boolean hasWarned;

    /** A plane that has not begun. */
    public EtcdPlane(EtcdSettings settings) {
        this.settings = settings;
        timing = Session.Timing.of(settings);
        life = new PlaneLife<>(settings.name(), new Mail.Wake());
    }

    @Override
    public void start(Feed to) {
        life.start(to, this::run);
    }

    @Override
    public void announce(LocalState next) {
        life.announce(next);
    }

    @Override
    public void resync() {
        life.resync();
    }

    @Override
    public void close() {
        life.close(Duration.ZERO); // a call may be waiting for an answer
    }

    // ---- what a session asks for ------------------------------------------------------------------------------

    String name() {
        return settings.name();
    }

    PlaneLife<Mail> life() {
        return life;
    }

    /** The registry has answered, and its picture follows. */
    void contact() {
        if (life.state() != PlaneState.LIVE) life.report(PlaneState.SYNCING, "");
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

    private void run() throws InterruptedException {
        ExecutorService connections = Executors.newSingleThreadExecutor(life::connectionThread);
        try {
            run(connections);
        } finally {
            connections.shutdownNow();
        }
    }

    private void run(ExecutorService connections) throws InterruptedException {
        Registry registry = new Registry(new Layout(settings.prefix()), life.feed());
        Retry retry = new Retry();
        int endpoint = 0;
        int failures = 0;
        while (!life.isClosed()) {
            life.wantAgain();
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
                PlaneState next = outcome.isRefusal() ? PlaneState.REFUSED : life.away();
                life.report(next, Texts.line(String.valueOf(outcome.failure().getMessage()), 300));
                life.pause(retry.next());
            }
        }
    }

    /**
     * How a session ended.
     *
     * @param lived whether its picture was whole before
     */
    private record Outcome(IOException failure, boolean lived) {
        boolean isRefusal() {
            return failure instanceof EtcdException refusal && refusal.isRefusal();
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
}
