package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.http.Retry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the objects of this gateway say what it wants, one change at a time, and again where somebody else has changed
 * or removed them.
 *
 * <p>Until the gateway says what it wants nothing is removed: what an earlier start has left serves until then. For the
 * plane's thread.
 */
final class Publisher {
    private final Dialect dialect;
    private final String node;
    private final Retry retry = new Retry();
    private final Deque<Change> changes = new ArrayDeque<>();
    private Map<String, ApiObject> own = new HashMap<>();
    private @Nullable LocalState wanted;
    private boolean isDirty;
    private boolean hasFailed;
    private long pausedAt;
    private long pause;
    private String obstacle = "";

    /**
     * A publisher that has nothing to publish yet.
     *
     * @param node which is to own the objects that are made
     */
    Publisher(Dialect dialect, String node) {
        this.dialect = dialect;
        this.node = node;
    }

    /** Sets what is to be published. Also where it is the same as before, there is a {@link #step} to take. */
    void want(LocalState state) {
        wanted = state;
        isDirty = true;
    }

    /** The own objects that there are. */
    void picture(Map<String, ApiObject> objects) {
        own = objects;
        isDirty = true;
    }

    /** An own object is new or has changed. */
    void seen(ApiObject object) {
        isDirty |= !object.equals(own.put(object.name(), object));
    }

    /** An object is gone, which may be one's own. */
    void gone(String object) {
        isDirty |= own.remove(object) != null;
    }

    /** How many claims the own objects hold. */
    int announced() {
        return dialect.count(own.values());
    }

    /** Why not all is published that is wanted; empty where it is. */
    String obstacle() {
        return obstacle;
    }

    /** Whether the last step was refused by the server, or had no answer. */
    boolean hasFailed() {
        return hasFailed;
    }

    /** After how many nanoseconds there is something to do; {@link Long#MAX_VALUE} for never. */
    long dueIn(long now) {
        boolean hasWork = wanted != null && (isDirty || !changes.isEmpty());
        return hasWork ? Math.max(0, pause - (now - pausedAt)) : Long.MAX_VALUE;
    }

    /**
     * Makes at most one change, and waits until the server has answered.
     *
     * @return whether there was anything to do
     */
    boolean step(ApiClient client, long now) throws InterruptedException {
        if (wanted == null || dueIn(now) > 0) return false;
        try {
            if (changes.isEmpty()) plan(client, wanted);
            Change change = changes.peek();
            if (change != null) make(client, change);
            if (changes.isEmpty()) roundEnds(now);
        } catch (ApiFailure e) {
            obstacle = "not published: " + e.message();
            changes.clear();
            hasFailed = true;
            pause(now, e);
        }
        return true;
    }

    private void plan(ApiClient client, LocalState state) throws ApiFailure, InterruptedException {
        Dialect.Plan plan = dialect.plan(state, own, null);
        boolean makesOwned = dialect.isOwnedByNode()
                && plan.changes().stream().anyMatch(change -> change.verb() == Change.Verb.CREATE);
        if (makesOwned) plan = dialect.plan(state, own, owner(client));
        isDirty = false;
        hasFailed = false;
        obstacle = plan.obstacle();
        changes.addAll(plan.changes());
    }

    /** The own node as it is now; null where the gateway's host is none, or may not be seen. */
    private Dialect.@Nullable Owner owner(ApiClient client) throws ApiFailure, InterruptedException {
        try {
            return new Dialect.Owner(
                    node, client.get("/api/v1/nodes/" + ApiClient.encoded(node)).uid());
        } catch (ApiFailure e) {
            if (e.isNotFound() || e.isRefusal()) return null;
            throw e;
        }
    }

    private void make(ApiClient client, Change change) throws ApiFailure, InterruptedException {
        try {
            ApiObject object = client.change(change);
            if (change.verb() == Change.Verb.DELETE) {
                own.remove(change.object());
            } else {
                own.put(object.name(), object);
            }
            changes.remove();
        } catch (ApiFailure e) {
            refused(change, e);
        }
    }

    private void refused(Change change, ApiFailure e) throws ApiFailure {
        if (!e.isOfThisRequest()) throw e;
        changes.remove();
        if (e.isConflict() && change.verb() == Change.Verb.CREATE) {
            changes.addFirst(change.ofExisting());
        } else if (e.isNotFound() && change.verb() == Change.Verb.DELETE) {
            own.remove(change.object());
        } else {
            if (e.isNotFound()) own.remove(change.object());
            obstacle = "not published: " + e.message();
            hasFailed = true;
        }
    }

    /** Changes that the server did not take are planned again after a pause. */
    private void roundEnds(long now) {
        if (hasFailed) {
            isDirty = true;
            pause(now, null);
        } else {
            pause = 0;
            retry.reset();
        }
    }

    private void pause(long now, @Nullable ApiFailure failure) {
        isDirty = true;
        pausedAt = now;
        pause = Math.max(
                retry.next(), failure == null ? 0 : failure.retryAfter().toNanos());
    }
}
