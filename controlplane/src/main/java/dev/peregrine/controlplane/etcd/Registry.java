package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The gateway's knowledge of a registry, from one connection to the next: how far its changes have been seen, and this
 * gateway's own keys. The claims of others go on to the feed and are not kept. One thread uses it.
 */
final class Registry {
    private static final int MAX_TEXT = 160;

    private final Layout layout;
    private final Feed feed;
    private final OwnKeys own;
    private Header header = Header.NONE;

    /** The first revision whose changes have not been seen; 0 before the first whole picture. */
    private long next;

    /** The greatest revision of the parts of a message that is not whole yet. */
    private long partial;

    /** The lease of the own keys; 0 without one. */
    private long lease;

    Registry(Layout layout, Feed feed) {
        this.layout = layout;
        this.feed = feed;
        own = new OwnKeys(layout);
    }

    Layout layout() {
        return layout;
    }

    OwnKeys own() {
        return own;
    }

    long lease() {
        return lease;
    }

    void lease(long id) {
        lease = id;
        own.leaseChanged();
    }

    long next() {
        return next;
    }

    /** Whether there was a whole picture, from which changes can be followed. */
    boolean isWhole() {
        return next > 0;
    }

    /** Whether an answer comes from the same cluster, not before what is known. */
    boolean isContinuedBy(Header answer) {
        return answer.follows(header, next - 1);
    }

    boolean isSameCluster(Header answer) {
        return !isWhole() || answer.cluster().equals(header.cluster());
    }

    // ---- a picture --------------------------------------------------------------------------------------------

    void begin() {
        next = 0;
        own.forget();
        feed.begin();
    }

    /** Takes a pair of key and value. */
    void take(Pair pair) {
        String key = pair.key();
        if (own.has(key)) {
            String value = new String(pair.value(), StandardCharsets.UTF_8);
            own.seen(key, value, pair.lease(), pair.revision(), lease);
            return;
        }
        Claim.Key its = layout.parse(key);
        if (its == null) {
            feed.malformed(null, "key " + Texts.line(key, MAX_TEXT) + ": it is none of this layout");
            return;
        }
        try {
            feed.claim(ClaimValues.parse(its, pair.value()));
        } catch (ClaimValues.Malformed e) {
            feed.malformed(its, "key " + key + ": " + Texts.line(String.valueOf(e.getMessage()), MAX_TEXT));
        }
    }

    /** The picture is whole; it is that of the header's revision. */
    void complete(Header its) {
        header = its;
        next = its.revision() + 1;
        partial = 0;
        feed.complete();
    }

    // ---- changes ----------------------------------------------------------------------------------------------

    /** Takes the events of a message of a watch. */
    void follow(JsonNode result) throws IOException {
        JsonNode events = result.path("events");
        for (JsonNode event : events) {
            Pair pair = Pair.of(event.path("kv"));
            long revision = pair.revision();
            partial = Math.max(partial, revision);
            if (revision < next) continue;
            if (event.path("type").asText().equals("DELETE")) {
                gone(pair.key(), revision);
            } else {
                take(pair);
            }
        }
        // The header's revision may be ahead of events that are still to come; that of a message without any is not.
        if (events.isEmpty()) partial = Math.max(partial, Header.of(result).revision());
        if (!result.path("fragment").asBoolean()) next = Math.max(next, partial + 1);
    }

    private void gone(String key, long revision) {
        if (own.has(key)) {
            own.gone(key, revision);
            return;
        }
        Claim.Key its = layout.parse(key);
        if (its != null) feed.withdraw(its);
    }

    /** Takes note of a later header of the same cluster. */
    void note(Header later) {
        if (later.term() > header.term()) header = later;
    }
}
