package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.vxlan.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys of this gateway: those that are to be there, and those that are there, by what was written and by what the
 * registry has told since. The difference is what is to be written. One thread uses it.
 */
final class OwnKeys {
    private final Layout layout;
    private final Map<String, String> wanted = new LinkedHashMap<>();
    private final Map<String, Stored> stored = new HashMap<>();
    private @Nullable LocalState state;
    private String first = "";
    private String below = "";
    private boolean settled = true;

    /**
     * The registry's value at a key.
     *
     * @param value null for one that was deleted, until the registry says so
     * @param revision of the store when it came to be so
     */
    private record Stored(@Nullable String value, long lease, long revision) {}

    /** A write: of a value, or of null to delete. */
    record Write(String key, @Nullable String value) {
        ObjectNode request(long lease) {
            ObjectNode body = EtcdClient.NODES.objectNode().put("key", base64(key));
            ObjectNode request = EtcdClient.NODES.objectNode();
            if (value == null) {
                request.set("requestDeleteRange", body);
            } else {
                request.set("requestPut", body.put("value", base64(value)).put("lease", Long.toString(lease)));
            }
            return request;
        }
    }

    OwnKeys(Layout layout) {
        this.layout = layout;
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a key is one of this gateway's, as far as its address is known. */
    boolean has(String key) {
        return !first.isEmpty() && (key.equals(first) || key.startsWith(below));
    }

    /** Whether the address is new, so that what the registry has of it must be read. */
    boolean isNew(LocalState next) {
        return state == null || !state.vtep().equals(next.vtep());
    }

    /** Sets what is to be there. */
    void want(LocalState next) {
        if (next.equals(state)) return;
        if (isNew(next)) {
            stored.clear();
            IpAddress vtep = next.vtep();
            first = layout.key(new Claim.VtepKey(vtep));
            below = layout.below(vtep);
        }
        state = next;
        wanted.clear();
        settled = false;
        if (!next.published()) return;
        want(new Claim.Vtep(next.vtep(), next.node(), next.instance()));
        next.members().forEach(this::want);
        next.stations().forEach(this::want);
    }

    private void want(Claim claim) {
        wanted.put(layout.key(claim.key()), ClaimValues.text(claim));
    }

    /** Whether anything is to be there. */
    boolean isWanted() {
        return !wanted.isEmpty();
    }

    int count() {
        return wanted.size();
    }

    /** Whether nothing is known that is to be written. */
    boolean isSettled() {
        return settled;
    }

    /** The lease is another, or gone: all is to be written again. */
    void leaseChanged() {
        settled = false;
    }

    /** A whole picture follows. */
    void forget() {
        stored.clear();
        settled = false;
    }

    /**
     * The registry has a value at a key.
     *
     * @param lease that it is to be on
     * @return whether it is as it should be
     */
    boolean seen(String key, String value, long itsLease, long revision, long lease) {
        Stored before = stored.get(key);
        if (before != null && before.revision > revision) return true; // told late: it has been written over since
        stored.put(key, new Stored(value, itsLease, revision));
        boolean right = value.equals(wanted.get(key)) && itsLease == lease;
        settled &= right;
        return right;
    }

    /** A key is gone; returns whether it should be. */
    boolean gone(String key, long revision) {
        Stored before = stored.get(key);
        if (before != null && before.revision > revision) return true;
        stored.remove(key);
        boolean right = !wanted.containsKey(key);
        settled &= right;
        return right;
    }

    /** Writes that are due, at most {@code max} of them; after an empty list all is as it should be. */
    List<Write> due(long lease, int max) {
        List<Write> writes = new ArrayList<>();
        for (Map.Entry<String, String> entry : wanted.entrySet()) {
            if (writes.size() == max) return writes;
            Stored its = stored.get(entry.getKey());
            if (its == null || its.lease != lease || !Objects.equals(its.value, entry.getValue())) {
                writes.add(new Write(entry.getKey(), entry.getValue()));
            }
        }
        for (Map.Entry<String, Stored> entry : stored.entrySet()) {
            if (writes.size() == max) return writes;
            if (entry.getValue().value != null && !wanted.containsKey(entry.getKey())) {
                writes.add(new Write(entry.getKey(), null));
            }
        }
        settled = writes.isEmpty();
        return writes;
    }

    /** Writes were made, at a revision. */
    void wrote(List<Write> writes, long lease, long revision) {
        writes.forEach(write ->
                stored.put(write.key(), new Stored(write.value(), write.value() == null ? 0 : lease, revision)));
    }
}
