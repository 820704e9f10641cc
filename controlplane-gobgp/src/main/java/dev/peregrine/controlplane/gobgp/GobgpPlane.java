package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneLife;
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
import java.util.concurrent.TimeUnit;
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

    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final GobgpSettings settings;
    private final Pace pace;
    private final PlaneLife<Mail> life;
    private final Retry retry = new Retry(); // of the plane's thread

    /** Does nothing before {@link #start}. */
    GobgpPlane(GobgpSettings settings) {
        this(settings, Pace.ORDINARY);
    }

    GobgpPlane(GobgpSettings settings, Pace pace) {
        this.settings = settings;
        this.pace = pace;
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
        life.close(CLOSE);
    }

    private void run() throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, life::connectionThread, EpollIoHandler.newFactory());
        try {
            connectAgainAndAgain(loop);
        } finally {
            var _ = loop.shutdownGracefully(0, CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    PlaneLife<Mail> life() {
        return life;
    }

    /** The picture is told and followed. */
    void lived(String text) {
        retry.reset();
        life.lived(text);
    }

    private void connectAgainAndAgain(EventLoopGroup loop) throws InterruptedException {
        while (!life.isClosed()) {
            life.wantAgain();
            PlaneState next = connect(loop);
            if (next != null) {
                long pause = retry.next();
                life.pause(next == PlaneState.REFUSED ? pause : Math.min(pause, LAST_PAUSE_NANOS));
            }
        }
    }

    /** Uses one connection until its end; returns how the plane is then, null after its close. */
    private @Nullable PlaneState connect(EventLoopGroup loop) throws InterruptedException {
        PlaneState next;
        String reason;
        try (Session session = new Session(this, settings, pace, new Api(settings.api(), loop))) {
            session.run();
            return null;
        } catch (Refusal e) {
            next = PlaneState.REFUSED;
            reason = String.valueOf(e.getMessage());
        } catch (StatusRuntimeException e) {
            next = life.away();
            reason = text(e.getStatus());
        } catch (RuntimeException e) {
            log.error("plane {}: a fault; connecting anew", settings.name(), e);
            next = life.away();
            reason = "a fault: " + e;
        }
        life.report(next, Texts.line(reason, 300));
        return next;
    }

    private String text(Status status) {
        Throwable cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null) {
            return "gobgpd's API at " + settings.api() + ": " + cause.getMessage();
        }
        return "gobgpd's API at " + settings.api() + ": " + status.getCode() + " " + status.getDescription();
    }
}
