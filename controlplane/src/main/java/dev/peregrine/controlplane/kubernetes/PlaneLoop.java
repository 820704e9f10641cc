package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.Retry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a plane: list, watch, publish, and again. On the plane's thread, until that is interrupted. */
final class PlaneLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(PlaneLoop.class);

    /** That it is not known how much is announced, for lack of an answer to what was wanted last. */
    private static final int UNTOLD = -1;

    private static final long PAGE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int MAX_PAGES = 10_000;

    /** The client itself has given up by then. */
    private static final long OPEN_NANOS = ApiClient.PATIENCE.multipliedBy(3).toNanos();

    /** A watch of this length was one, even if nothing came. */
    private static final long LASTING_NANOS = Duration.ofSeconds(1).toNanos();

    /** How long after its time a watch may end at most. */
    private static final long GRACE_NANOS = Duration.ofSeconds(10).toNanos();

    /** Events between two changes that are published while events keep coming. */
    private static final int EVENTS_PER_CHANGE = 64;

    private final KubernetesSettings settings;
    private final Inbox inbox;
    private final Feed feed;
    private final Dialect dialect;
    private final Publisher publisher;
    private final Retry retry = new Retry();
    private Picture picture;
    private String version = "";
    private @Nullable ApiClient client;
    private boolean isStale = true;
    private boolean wasLive;

    /** Whether something came since the last failure, so that it is worth trying at once. */
    private boolean hasProgress;

    private @Nullable PlaneState state;
    private String why = "";
    private int announced;

    PlaneLoop(KubernetesSettings settings, Inbox inbox, Feed feed) {
        this.settings = settings;
        this.inbox = inbox;
        this.feed = feed;
        dialect = Dialect.of(settings);
        publisher = new Publisher(dialect, settings.node());
        picture = new Picture(dialect);
    }

    @Override
    public void run() {
        tell(PlaneState.CONNECTING, "");
        try {
            while (true) turn();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    private void turn() throws InterruptedException {
        try {
            if (client == null) client = new ApiClient(settings);
            if (isStale || inbox.isResyncWanted()) list(client);
            watch(client);
        } catch (ApiFailure e) {
            failed(e);
        } catch (RuntimeException e) {
            log.error("Plane {} reads its picture again after a fault", settings.name(), e);
            failed(ApiFailure.garbled("a fault", new IOException(e)));
        }
    }

    private void disconnect() {
        if (client != null) client.close();
        client = null;
    }

    private void list(ApiClient server) throws ApiFailure, InterruptedException {
        inbox.resyncBegins();
        isStale = true;
        Picture next = new Picture(dialect);
        ApiStream.Page page = new ApiStream.Page("", "");
        int pages = 0;
        do {
            if (++pages > MAX_PAGES) throw new ApiFailure("a list of more than " + MAX_PAGES + " pages");
            page = page(server, page.next(), next);
        } while (!page.next().isEmpty());
        picture = next;
        version = page.version();
        isStale = false;
        wasLive = true;
        picture.report(feed);
        publisher.picture(picture.own());
        tell(PlaneState.LIVE, publisher.obstacle());
    }

    private ApiStream.Page page(ApiClient server, String next, Picture into) throws ApiFailure, InterruptedException {
        String target = dialect.collection() + "?limit=" + dialect.pageSize()
                + (next.isEmpty() ? "" : "&continue=" + ApiClient.encoded(next));
        long deadline = System.nanoTime() + PAGE_NANOS;
        ApiReader reader = reader(server, target, false);
        try {
            while (true) {
                long left = deadline - System.nanoTime();
                if (left <= 0) throw new ApiFailure(settings.server() + ": a list did not come within 30 s");
                switch (inbox.next(reader, left)) {
                    case null -> {}
                    case ApiReader.Opened _ -> {
                        if (state != PlaneState.LIVE) tell(PlaneState.SYNCING, "");
                    }
                    case ApiReader.Seen seen -> into.add(seen.event().object(), picture);
                    case ApiReader.Ended ended -> {
                        if (ended.failure() != null) throw ended.failure();
                        if (ended.page() != null) return ended.page();
                    }
                }
            }
        } finally {
            reader.cancel();
        }
    }

    private ApiReader reader(ApiClient server, String target, boolean isWatch) {
        return new ApiReader(settings.name(), server, target, isWatch, inbox.items()).start();
    }

    /** Follows a watch until it is over, in whichever way. */
    private void watch(ApiClient server) throws ApiFailure, InterruptedException {
        long period = Retry.jitter(settings.watchPeriod().toNanos());
        String target = dialect.collection() + "?watch=1&allowWatchBookmarks=true&resourceVersion="
                + ApiClient.encoded(version) + "&timeoutSeconds=" + Math.max(1, TimeUnit.NANOSECONDS.toSeconds(period));
        ApiReader reader = reader(server, target, true);
        hasProgress = false;
        try {
            awaitOpen(reader);
            tell(PlaneState.LIVE, publisher.obstacle());
            follow(server, reader, period + Math.min(GRACE_NANOS, period / 2));
        } finally {
            reader.cancel();
        }
    }

    private void awaitOpen(ApiReader reader) throws ApiFailure, InterruptedException {
        long deadline = System.nanoTime() + OPEN_NANOS;
        while (true) {
            long left = deadline - System.nanoTime();
            if (left <= 0) throw new ApiFailure(settings.server() + ": no answer to a watch");
            switch (inbox.next(reader, left)) {
                case null -> {}
                case ApiReader.Opened _ -> {
                    return;
                }
                case ApiReader.Ended ended when ended.failure() != null -> throw ended.failure();
                case ApiReader.Seen _, ApiReader.Ended _ -> throw new AssertionError("before it is open");
            }
        }
    }

    private void follow(ApiClient server, ApiReader reader, long limit) throws ApiFailure, InterruptedException {
        long begin = System.nanoTime();
        int events = 0;
        while (!inbox.isResyncWanted()) {
            LocalState wanted = inbox.takeWanted();
            if (wanted != null) {
                publisher.want(wanted);
                announced = UNTOLD;
            }
            long now = System.nanoTime();
            if (now - begin >= LASTING_NANOS) progresses();
            if (now - begin >= limit) return;
            switch (inbox.next(reader, Math.min(limit - (now - begin), publisher.dueIn(now)))) {
                case null -> publish(server);
                case ApiReader.Opened _ -> {}
                case ApiReader.Seen seen -> {
                    heard(seen.event());
                    if (++events % EVENTS_PER_CHANGE == 0) publish(server);
                }
                case ApiReader.Ended ended -> {
                    if (System.nanoTime() - begin >= LASTING_NANOS) progresses();
                    if (ended.failure() != null) throw ended.failure();
                    if (!hasProgress) throw new ApiFailure(settings.server() + " ends watches at once");
                    return;
                }
            }
        }
    }

    private void heard(ApiStream.Event event) {
        progresses();
        picture.apply(event, feed, publisher);
        String reached = event.object().version();
        if (!reached.isEmpty()) version = reached;
    }

    private void progresses() {
        hasProgress = true;
        retry.reset();
    }

    private void publish(ApiClient server) throws InterruptedException {
        if (!publisher.step(server, System.nanoTime())) return;
        if (publisher.hasFailed()) feed.announceFailed(publisher.obstacle());
        tell(PlaneState.LIVE, publisher.obstacle());
        if (publisher.dueIn(System.nanoTime()) == 0) return;
        int claims = publisher.announced();
        if (claims != announced) feed.announced(claims);
        announced = claims;
    }

    private void failed(ApiFailure e) throws InterruptedException {
        if (e.isSilence()) {
            disconnect(); // the next one reads the certificates again
        } else {
            isStale = true;
        }
        boolean isFirst = hasProgress;
        hasProgress = false;
        if (isFirst && (e.isSilence() || e.isGone())) return;
        if (!e.isGone()) tell(stateAfter(e), e.isNotFound() ? "there are no " + dialect.origin() : e.message());
        inbox.pause(Math.max(retry.next(), e.retryAfter().toNanos()));
    }

    private PlaneState stateAfter(ApiFailure e) {
        if (e.isRefusal() || e.isNotFound()) return PlaneState.REFUSED;
        return wasLive ? PlaneState.AWAY : PlaneState.CONNECTING;
    }

    private void tell(PlaneState now, String reason) {
        if (now == state && reason.equals(why)) return;
        state = now;
        why = reason;
        feed.state(now, reason);
    }
}
