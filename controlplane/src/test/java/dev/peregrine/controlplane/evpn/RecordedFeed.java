package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps what a plane reports. For several threads. */
public final class RecordedFeed implements Feed {
    private final Map<Claim.Key, Claim> claims = new HashMap<>();
    private final Map<Claim.Key, Long> claimedAt = new HashMap<>();
    private final List<String> states = new ArrayList<>();
    private final List<Claim.Key> withdrawn = new ArrayList<>();
    private final List<String> malformed = new ArrayList<>();
    private @Nullable Map<Claim.Key, Claim> picture;
    private @Nullable PlaneState state;
    private int pictures;
    /** Claims that pictures added, changed or took away. */
    private int pictureChanges;

    private int announced;
    private boolean held;

    @Override
    public synchronized void begin() {
        picture = new HashMap<>();
    }

    /** Lets the plane wait at its next claim, while {@code held}. */
    public synchronized void hold(boolean now) {
        held = now;
        notifyAll();
    }

    private void awaitRelease() {
        while (held) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
    }

    @Override
    public synchronized void claim(Claim claim) {
        awaitRelease();
        if (picture != null) {
            picture.put(claim.key(), claim);
        } else {
            claims.put(claim.key(), claim);
        }
        claimedAt.put(claim.key(), System.nanoTime());
    }

    @Override
    public synchronized void withdraw(Claim.Key key) {
        if (picture != null) throw new AssertionError("withdrawn within a picture: " + key);
        claims.remove(key);
        withdrawn.add(key);
        claimedAt.put(key, System.nanoTime());
    }

    @Override
    public synchronized void complete() {
        Map<Claim.Key, Claim> whole = picture;
        if (whole == null) throw new AssertionError("complete without begin");
        for (Map.Entry<Claim.Key, Claim> entry : whole.entrySet()) {
            if (!entry.getValue().equals(claims.get(entry.getKey()))) pictureChanges++;
        }
        for (Claim.Key key : claims.keySet()) if (!whole.containsKey(key)) pictureChanges++;
        claims.clear();
        claims.putAll(whole);
        picture = null;
        pictures++;
    }

    @Override
    public synchronized void malformed(Claim.@Nullable Key key, String what) {
        malformed.add(what);
    }

    @Override
    public synchronized void announced(int count) {
        announced = count;
    }

    @Override
    public synchronized void state(PlaneState now, String why) {
        state = now;
        states.add(now + " " + why);
    }

    /** The last state. */
    public synchronized @Nullable PlaneState state() {
        return state;
    }

    /** The claim of a key. */
    public synchronized @Nullable Claim find(Claim.Key key) {
        return claims.get(key);
    }

    /** All claims. */
    public synchronized Map<Claim.Key, Claim> claims() {
        return Map.copyOf(claims);
    }

    /** How many claims there are. */
    public synchronized int size() {
        return claims.size();
    }

    /** When a claim was told or withdrawn last, by the clock of nanoseconds. */
    public synchronized long changedAt(Claim.Key key) {
        return claimedAt.getOrDefault(key, 0L);
    }

    /** All withdrawals. */
    public synchronized List<Claim.Key> withdrawn() {
        return List.copyOf(withdrawn);
    }

    /** All that could not be read. */
    public synchronized List<String> malformed() {
        return List.copyOf(malformed);
    }

    /** How many pictures were whole. */
    public synchronized int pictures() {
        return pictures;
    }

    /** How many claims pictures added, changed or took away. */
    public synchronized int pictureChanges() {
        return pictureChanges;
    }

    /** How many claims of the gateway the plane holds. */
    public synchronized int announced() {
        return announced;
    }

    @Override
    public synchronized String toString() {
        return states + "; " + (claims.size() > 20 ? claims.size() + " claims" : claims.values() + "") + "; withdrawn "
                + withdrawn.size() + "; malformed " + malformed;
    }
}
