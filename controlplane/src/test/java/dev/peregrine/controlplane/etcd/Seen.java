package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.testing.live.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A feed that keeps the claims as the resolver would, and counts what came. */
final class Seen implements Feed {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private final Map<Claim.Key, Claim> claims = new HashMap<>();
    private final Set<Claim.Key> repeated = new HashSet<>();
    /** Keys that went and that no {@link #awaitGone} has asked for since; some have come back. */
    private final Map<Claim.Key, Long> gone = new HashMap<>();

    private final List<PlaneState> states = new ArrayList<>();
    private final List<String> malformed = new ArrayList<>();
    private final Map<Claim, Long> times = new HashMap<>();
    private boolean inPicture;
    private String why = "";
    private int pictures;
    private int events;
    private int announced = -1;
    private int answers;

    @Override
    public synchronized void begin() {
        inPicture = true;
        repeated.clear();
    }

    @Override
    public synchronized void claim(Claim claim) {
        times.put(claim, System.nanoTime());
        claims.put(claim.key(), claim);
        repeated.add(claim.key());
        if (!inPicture) events++;
    }

    @Override
    public synchronized void withdraw(Claim.Key key) {
        if (inPicture) throw new IllegalStateException("withdrawal within a picture");
        if (claims.remove(key) != null) gone.put(key, System.nanoTime());
        events++;
    }

    @Override
    public synchronized void complete() {
        inPicture = false;
        long now = System.nanoTime();
        claims.keySet().stream().filter(key -> !repeated.contains(key)).forEach(key -> gone.put(key, now));
        claims.keySet().retainAll(repeated);
        pictures++;
    }

    @Override
    public synchronized void malformed(Claim.@Nullable Key key, String what) {
        malformed.add(what);
        if (key != null) repeated.add(key);
    }

    @Override
    public synchronized void announced(int its) {
        announced = its;
        answers++;
    }

    @Override
    public synchronized void state(PlaneState state, String reason) {
        states.add(state);
        why = reason;
    }

    synchronized @Nullable Claim claim(Claim.Key key) {
        return claims.get(key);
    }

    synchronized Map<Claim.Key, Claim> claims() {
        return Map.copyOf(claims);
    }

    synchronized List<PlaneState> states() {
        return List.copyOf(states);
    }

    synchronized PlaneState state() {
        return states.isEmpty() ? PlaneState.CONNECTING : states.getLast();
    }

    synchronized List<String> malformed() {
        return List.copyOf(malformed);
    }

    synchronized String why() {
        return why;
    }

    /** Whole pictures so far. */
    synchronized int pictures() {
        return pictures;
    }

    /** Claims and withdrawals outside of pictures so far. */
    synchronized int events() {
        return events;
    }

    synchronized int announced() {
        return announced;
    }

    /** How often the plane has said how much it holds. */
    synchronized int answers() {
        return answers;
    }

    /** When a claim came last. */
    synchronized @Nullable Long time(Claim claim) {
        return times.get(claim);
    }

    void await(String what, Predicate<Seen> condition) {
        Await.until(LIMIT, what, () -> condition.test(this), this::toString);
    }

    void awaitState(PlaneState wanted) {
        await(wanted.toString(), seen -> seen.state() == wanted);
    }

    void awaitClaim(Claim wanted) {
        await(wanted.toString(), seen -> wanted.equals(seen.claim(wanted.key())));
    }

    /** Waits until a claim has gone since the last call for it, and says when. A key may be back at once. */
    long awaitGone(Claim.Key key) {
        await(key + " gone", seen -> seen.isGone(key));
        return takeGone(key);
    }

    private synchronized boolean isGone(Claim.Key key) {
        return gone.containsKey(key);
    }

    private synchronized long takeGone(Claim.Key key) {
        return Objects.requireNonNull(gone.remove(key), "it has gone");
    }

    @Override
    public synchronized String toString() {
        return states + " " + why + ", " + claims.size() + " claims "
                + claims.values().stream().limit(5).toList() + ", " + pictures + " pictures, " + events
                + " events, announced " + announced + ", malformed "
                + malformed.stream().limit(5).toList();
    }
}
