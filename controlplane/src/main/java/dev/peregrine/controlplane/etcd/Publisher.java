package dev.peregrine.controlplane.etcd;

import static dev.peregrine.controlplane.etcd.EtcdClient.NODES;
import static dev.peregrine.controlplane.etcd.OwnKeys.base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.http.Retry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the own keys of a gateway in a registry, on a lease. One thread uses it. */
final class Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    /** Operations of a transaction; etcd takes 128. */
    private static final int WRITES = 100;

    /** After that long without a repair, the next one is soon again. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final EtcdSettings settings;
    private final EtcdClient client;
    private final Registry registry;
    private final OwnKeys own;
    private final Feed feed;
    private final Retry repairs = new Retry();
    private @Nullable LocalState published;
    private boolean pausing;
    private long dueAt;
    private long lastRepair;
    private String problem = "";

    Publisher(EtcdSettings settings, EtcdClient client, Registry registry, Feed feed) {
        this.settings = settings;
        this.client = client;
        this.registry = registry;
        this.feed = feed;
        own = registry.own();
    }

    /** Why nothing can be written; empty where all is well. */
    String problem() {
        return problem;
    }

    /** Whether something is to be written at {@link #dueAt}. */
    boolean isPausing() {
        return pausing;
    }

    long dueAt() {
        return dueAt;
    }

    /**
     * Writes what is due. New values go at once, and all of them where the lease has gone and took the keys with it.
     * Values that others changed are repaired after a pause, which grows with each time, since another program with the
     * same address would change it back for ever.
     */
    void publish(@Nullable LocalState wanted, long now) throws IOException, InterruptedException {
        if (wanted == null) return;
        boolean fresh = !wanted.equals(published);
        if (!fresh) {
            if (own.isSettled()) return;
            if (!pausing) keepAlive(); // finds out whether it was the lease
            if (registry.lease() != 0 && !isDue(now)) return;
        }
        pausing = false;
        try {
            write(wanted);
            published = wanted;
            problem = "";
            feed.announced(own.count());
        } catch (EtcdException e) {
            if (e.code() != EtcdException.PERMISSION_DENIED) throw e;
            published = wanted;
            if (problem.isEmpty()) log.warn("plane {}: nothing can be announced: {}", settings.name(), e.getMessage());
            problem = "nothing can be announced: " + e.getMessage();
            feed.announced(0);
            feed.announceFailed(problem);
            pause(now);
        }
    }

    private boolean isDue(long now) {
        if (!pausing) {
            if (now - lastRepair > CALM_NANOS) repairs.reset();
            pause(now);
        }
        return now - dueAt >= 0;
    }

    private void pause(long now) {
        pausing = true;
        dueAt = now + repairs.next();
        lastRepair = dueAt;
    }

    private void write(LocalState wanted) throws IOException, InterruptedException {
        if (own.isNew(wanted)) {
            own.want(wanted);
            readOwn(wanted);
        } else {
            own.want(wanted);
        }
        while (true) {
            if (own.isWanted() && registry.lease() == 0) grant();
            List<OwnKeys.Write> writes = own.due(registry.lease(), WRITES);
            if (writes.isEmpty()) break;
            try {
                transact(writes);
            } catch (EtcdException e) {
                if (e.code() != EtcdException.NOT_FOUND || registry.lease() == 0) throw e;
                leaseIsGone();
            }
        }
        if (!own.isWanted() && registry.lease() != 0) revoke();
    }

    /** Keys that an earlier start of this gateway, or another program, has written. */
    private void readOwn(LocalState wanted) throws IOException, InterruptedException {
        String first = registry.layout().key(new Claim.VtepKey(wanted.vtep()));
        String below = registry.layout().below(wanted.vtep());
        take(client.page(NODES.objectNode().put("key", base64(first))));
        take(client.page(NODES.objectNode().put("key", base64(below)).put("range_end", base64(Layout.after(below)))));
    }

    private void take(Page answer) {
        answer.pairs().forEach(registry::take);
    }

    private void transact(List<OwnKeys.Write> writes) throws IOException, InterruptedException {
        ObjectNode body = NODES.objectNode();
        ArrayNode operations = body.putArray("success");
        writes.forEach(write -> operations.add(write.request(registry.lease())));
        JsonNode answer = client.call("kv/txn", body);
        own.wrote(writes, registry.lease(), Header.of(answer).revision());
    }

    // ---- the lease --------------------------------------------------------------------------------------------

    private void grant() throws IOException, InterruptedException {
        long ttl = Math.max(1, settings.ttl().toSeconds());
        JsonNode answer = client.call("lease/grant", NODES.objectNode().put("TTL", Long.toString(ttl)));
        long id = answer.path("ID").asLong();
        if (id == 0) throw new IOException("a lease without a number");
        registry.lease(id);
    }

    private void revoke() throws IOException, InterruptedException {
        try {
            client.call("lease/revoke", lease());
        } catch (EtcdException e) {
            if (e.code() != EtcdException.NOT_FOUND) throw e; // else it is gone already
        }
        registry.lease(0);
    }

    /** Keeps the lease alive; null where there is none. */
    @Nullable
    Header keepAlive() throws IOException, InterruptedException {
        if (registry.lease() == 0) return null;
        JsonNode result = client.call("lease/keepalive", lease()).path("result");
        if (result.path("TTL").asLong() <= 0) leaseIsGone();
        return Header.of(result);
    }

    private ObjectNode lease() {
        return NODES.objectNode().put("ID", Long.toString(registry.lease()));
    }

    private void leaseIsGone() {
        log.warn("plane {}: the lease is gone; everything is announced again", settings.name());
        registry.lease(0);
    }
}
