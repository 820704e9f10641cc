package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.http.Retry;
import dev.peregrine.controlplane.http.Texts;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * EVPN by a gobgpd on this host. It has two threads: its own, and one for the connection.
 *
 * <p>While gobgpd, or all of its BGP sessions, are down, routes vanish without having been withdrawn: the plane is then
 * {@link PlaneState#AWAY} and reports none of it. gobgpd begins without any route, so that each new connection has all
 * of the gateway's routes injected.
 *
 * <p>{@link #close} leaves the gateway's routes to gobgpd, and to the next start.
 */
final class GobgpPlane implements ControlPlane {
    private static final Logger log = LoggerFactory.getLogger(GobgpPlane.class);

    /** gobgpd is on this host: to look whether it is there costs nothing. */
    private static final long LAST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long CLOSE_MILLIS = 3000;

    private final GobgpSettings settings;
    private final Pace pace;
    private final BlockingQueue<Mail> mailbox = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable LocalState> wanted = new AtomicReference<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final AtomicBoolean resync = new AtomicBoolean();
    private final Thread thread;
    private volatile @Nullable Feed feed;
    private volatile boolean closed;

    // The plane's thread alone.
    private @Nullable LocalState taken;
    private boolean hasLived;
    private boolean livesNow;
    private @Nullable PlaneState state;
    private String why = "";

    /** Does nothing before {@link #start}. */
    GobgpPlane(GobgpSettings settings) {
        this(settings, Pace.ORDINARY);
    }

    GobgpPlane(GobgpSettings settings, Pace pace) {
        this.settings = settings;
        this.pace = pace;
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
        wanted.set(next);
        wake();
    }

    @Override
    public void resync() {
        resync.set(true);
        wake();
    }

    private void wake() {
        if (!isWoken.getAndSet(true)) {
            mailbox.add(new Mail.Wake());
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
                thread.interrupt();
                thread.join(CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalThreadStateException e) {
            log.debug("plane {} was never started", settings.name());
        }
    }

    // ---- what a session asks for ------------------------------------------------------------------------------

    boolean isClosed() {
        return closed;
    }

    /** The state to be announced, if there was one since the last call. */
    @Nullable
    LocalState takeWanted() {
        LocalState next = wanted.getAndSet(null);
        taken = next == null ? taken : next;
        return next;
    }

    boolean takeResync() {
        return resync.getAndSet(false);
    }

    /** Has the plane's thread take mail. For any thread. */
    void post(Mail mail) {
        mailbox.add(mail);
    }

    /** Waits for mail, at most for so long; null if none came. */
    @Nullable
    Mail await(long nanos) throws InterruptedException {
        Mail mail = mailbox.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        if (mail instanceof Mail.Wake) {
            isWoken.set(false);
        }
        return mail;
    }

    /** The picture is told and followed. */
    void lived(String text) {
        hasLived = true;
        livesNow = true;
        report(PlaneState.LIVE, text);
    }

    /** The word for a plane that cannot be followed. */
    PlaneState away() {
        return hasLived ? PlaneState.AWAY : PlaneState.CONNECTING;
    }

    void report(PlaneState next, String reason) {
        if (next != state || !reason.equals(why)) {
            state = next;
            why = reason;
            Objects.requireNonNull(feed, "started").state(next, reason);
        }
    }

    // ---- the thread -------------------------------------------------------------------------------------------

    private void run() {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, this::connectionThread, EpollIoHandler.newFactory());
        try {
            report(PlaneState.CONNECTING, "");
            connectAgainAndAgain(loop);
        } catch (InterruptedException e) {
            if (!closed) {
                log.error("plane {} was interrupted", settings.name(), e);
            }
        } finally {
            var _ = loop.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private Thread connectionThread(Runnable work) {
        Thread connection = new Thread(work, "control-" + settings.name() + "-io");
        connection.setDaemon(true);
        return connection;
    }

    private void connectAgainAndAgain(EventLoopGroup loop) throws InterruptedException {
        Retry retry = new Retry();
        while (!closed) {
            livesNow = false;
            PlaneState next = connect(loop);
            if (livesNow) {
                retry.reset();
            }
            if (next != null) {
                wanted.compareAndSet(null, taken);
                long pause = retry.next();
                pause(next == PlaneState.REFUSED ? pause : Math.min(pause, LAST_PAUSE_NANOS));
            }
        }
    }

    /** Uses one connection until its end; returns how the plane is then, null after its close. */
    private @Nullable PlaneState connect(EventLoopGroup loop) throws InterruptedException {
        PlaneState next = away();
        String reason;
        try (Session session =
                new Session(this, settings, pace, Objects.requireNonNull(feed), new Api(settings.api(), loop))) {
            session.run();
            return null;
        } catch (Refusal e) {
            next = PlaneState.REFUSED;
            reason = String.valueOf(e.getMessage());
        } catch (StatusRuntimeException e) {
            next = away();
            reason = text(e.getStatus());
        } catch (RuntimeException e) {
            log.error("plane {}: a fault; connecting anew", settings.name(), e);
            next = away();
            reason = "a fault: " + e;
        }
        report(next, Texts.line(reason, 300));
        return next;
    }

    private String text(Status status) {
        Throwable cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null) {
            return "gobgpd's API at " + settings.api() + ": " + cause.getMessage();
        }
        return "gobgpd's API at " + settings.api() + ": " + status.getCode() + " " + status.getDescription();
    }

    /** Until the next try, or until somebody wants the picture or the end. */
    private void pause(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !resync.get() && !closed; left = until - System.nanoTime()) {
            await(left);
        }
    }
}
