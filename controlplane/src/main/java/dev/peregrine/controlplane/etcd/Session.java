package dev.peregrine.controlplane.etcd;

import static dev.peregrine.controlplane.etcd.EtcdClient.NODES;
import static dev.peregrine.controlplane.etcd.OwnKeys.base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.http.Retry;
import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a registry, by one of its endpoints: reads the picture, follows the changes, keeps the own keys
 * there. It ends by an exception. One thread uses it.
 */
final class Session implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Session.class);
    private static final int PAGE = 5000;

    private final EtcdPlane plane;
    private final EtcdClient client;
    private final Registry registry;
    private final Publisher publisher;
    private final Timing timing;
    private @Nullable WatchStream watch;
    private boolean watching;
    private boolean lives;
    private long watchDeadline;
    private long pulseAt;

    /**
     * Times of a session, in nanoseconds.
     *
     * @param limit until an answer has come
     * @param pulse between signs of life
     * @param watchPeriod until a watch is opened again
     */
    record Timing(long limit, long pulse, long watchPeriod) {
        static Timing of(EtcdSettings settings) {
            long period = settings.watchPeriod().toNanos();
            long most = TimeUnit.SECONDS.toNanos(5);
            return new Timing(
                    Math.min(most, period / 4), Math.min(settings.ttl().toNanos(), period) / 4, period);
        }
    }

    Session(EtcdPlane plane, EtcdClient client, Registry registry, EtcdSettings settings, Timing timing) {
        this.plane = plane;
        this.client = client;
        this.registry = registry;
        this.timing = timing;
        publisher = new Publisher(settings, client, registry, plane.feed());
    }

    /** Whether the picture was whole and followed at some time. */
    boolean lived() {
        return lives;
    }

    /** Follows the registry until something fails. */
    void run() throws IOException, InterruptedException {
        client.login();
        pulseAt = System.nanoTime() + timing.pulse();
        if (registry.isWhole()) {
            openWatch();
        } else {
            readPicture();
        }
        while (true) {
            if (plane.takeResync()) readPicture();
            long now = System.nanoTime();
            if (now - pulseAt >= 0) pulse();
            if (now - watchDeadline >= 0) watchIsDue();
            if (watching) publish(now);
            Mail mail = plane.await(nextWork() - System.nanoTime());
            switch (mail) {
                case Mail.Part part when part.stream() == watch -> take(part);
                case Mail.End end when end.stream() == watch -> throw new IOException(end.why());
                case null, default -> {}
            }
        }
    }

    private long nextWork() {
        long next = watchDeadline - pulseAt < 0 ? watchDeadline : pulseAt;
        return watching && publisher.isPausing() && publisher.dueAt() - next < 0 ? publisher.dueAt() : next;
    }

    // ---- the picture ------------------------------------------------------------------------------------------

    /** Reads all pages, each as of the first one's revision, and then follows from there. */
    private void readPicture() throws IOException, InterruptedException {
        closeWatch();
        Header header = Header.NONE;
        String from = base64(registry.layout().first());
        int limit = PAGE;
        while (true) {
            Page page;
            try {
                page = client.page(range(from, limit, header.revision()));
            } catch (MessageTooLong e) {
                if (limit == 1) throw e;
                limit = Math.max(1, limit / 8);
                continue;
            }
            if (header.equals(Header.NONE)) {
                header = page.header();
                plane.contact();
                registry.begin();
            }
            page.pairs().forEach(registry::take);
            if (page.isLast()) break;
            from = after(page.pairs());
            limit = Math.min(PAGE, 2 * limit); // large values are together in one place, if there are any
            if (System.nanoTime() - pulseAt >= 0) pulse(); // a picture that takes long costs no lease
        }
        registry.complete(header);
        openWatch();
    }

    /** The first key after those of a page. Keys are bytes, which are a text only where a gateway has written them. */
    private static String after(List<Pair> pairs) throws IOException {
        if (pairs.isEmpty()) throw new IOException("a page without keys, and more to come");
        byte[] last = pairs.getLast().keyBytes();
        return Base64.getEncoder().encodeToString(Arrays.copyOf(last, last.length + 1));
    }

    /**
     * A question for keys.
     *
     * @param from the first of them, in base64
     */
    private ObjectNode range(String from, int limit, long revision) {
        ObjectNode range = NODES.objectNode()
                .put("key", from)
                .put("range_end", base64(registry.layout().end()))
                .put("limit", Integer.toString(limit));
        if (revision > 0) range.put("revision", Long.toString(revision));
        return range;
    }

    // ---- the watch --------------------------------------------------------------------------------------------

    private void openWatch() {
        closeWatch();
        ObjectNode request = NODES.objectNode()
                .put("key", base64(registry.layout().first()))
                .put("range_end", base64(registry.layout().end()))
                .put("start_revision", Long.toString(registry.next()))
                .put("progress_notify", true)
                .put("fragment", true);
        watch = client.watch(request, plane::post);
        watchDeadline = System.nanoTime() + timing.limit();
    }

    private void closeWatch() {
        watching = false;
        if (watch != null) watch.cancel();
        watch = null;
    }

    /** It has not begun in time, or it is old: a registry that hangs would say nothing for ever. */
    private void watchIsDue() throws IOException {
        if (!watching) {
            throw new IOException(
                    "no answer to a watch within " + TimeUnit.NANOSECONDS.toMillis(timing.limit()) + " ms");
        }
        openWatch();
    }

    private void take(Mail.Part part) throws IOException, InterruptedException {
        WatchStream stream = part.stream();
        try {
            for (byte[] line : stream.lines(part.bytes())) {
                if (stream != watch) return; // an earlier line ended it
                take(EtcdClient.parse(line));
            }
        } catch (MessageTooLong e) {
            log.info("plane {}: {}; reading the whole picture", plane.name(), e.getMessage());
            readPicture();
        }
        stream.more();
    }

    private void take(JsonNode message) throws IOException, InterruptedException {
        JsonNode error = message.path("error");
        if (!error.isMissingNode()) {
            throw EtcdException.of(
                    error.path("grpc_code").asInt(EtcdException.OTHER),
                    error.path("message").asText());
        }
        JsonNode result = message.path("result");
        if (result.path("canceled").asBoolean()) {
            cancelled(result);
        } else if (result.path("created").asBoolean()) {
            created(Header.of(result));
        } else {
            registry.follow(result);
        }
    }

    private void created(Header header) throws IOException, InterruptedException {
        if (!registry.isContinuedBy(header)) {
            log.warn("plane {}: another cluster or an older store answers; reading the whole picture", plane.name());
            readPicture();
            return;
        }
        registry.note(header);
        watching = true;
        lives = true;
        watchDeadline = System.nanoTime() + Retry.jitter(timing.watchPeriod());
        plane.live(publisher.problem());
    }

    /**
     * After a compaction the changes that are wanted are gone: only the whole picture helps, never the same revision.
     */
    private void cancelled(JsonNode result) throws IOException, InterruptedException {
        long compacted = result.path("compact_revision").asLong();
        String reason = result.path("cancel_reason").asText();
        if (compacted > 0) {
            log.info("plane {}: the registry was compacted at {}; reading the whole picture", plane.name(), compacted);
            readPicture();
        } else if (reason.contains("PermissionDenied")) {
            throw EtcdException.refusal(
                    "the user may not read " + registry.layout().first(), null);
        } else {
            throw new IOException("the watch was cancelled: " + Texts.line(reason, 200));
        }
    }

    // ---- signs of life ----------------------------------------------------------------------------------------

    /** A call that an etcd that hangs does not answer; it keeps the lease alive where there is one. */
    private void pulse() throws IOException, InterruptedException {
        pulseAt = System.nanoTime() + timing.pulse();
        plane.warnOfPlainText();
        Header header = publisher.keepAlive();
        if (header == null) {
            ObjectNode question = range(base64(registry.layout().first()), 1, 0).put("count_only", true);
            header = Header.of(client.call("kv/range", question));
        }
        if (!registry.isSameCluster(header)) throw new IOException("another cluster answers");
    }

    private void publish(long now) throws IOException, InterruptedException {
        boolean hadProblem = !publisher.problem().isEmpty();
        publisher.publish(plane.wanted(), now);
        if (hadProblem != !publisher.problem().isEmpty()) plane.live(publisher.problem());
    }

    @Override
    public void close() {
        closeWatch();
        client.close();
    }
}
