package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keeps what a plane has reported, as the gateway's end understands it, and fails on what a plane must not do. */
final class Recorder implements Feed {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private Map<Claim.Key, Claim> claims = new HashMap<>();
    private @Nullable Map<Claim.Key, Claim> picture;
    private final List<String> malformed = new ArrayList<>();
    private final List<String> states = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private @Nullable PlaneState state;
    private @Nullable Thread thread;
    private int pictures;
    private int announced;

    private synchronized void called(String what) {
        if (thread == null) thread = Thread.currentThread();
        if (thread != Thread.currentThread()) throw new AssertionError("another thread: " + what);
        calls.add(what);
        notifyAll();
    }

    @Override
    public synchronized void begin() {
        called("begin");
        picture = new HashMap<>();
    }

    @Override
    public synchronized void claim(Claim claim) {
        called("claim " + claim);
        (picture == null ? claims : picture).put(claim.key(), claim);
    }

    @Override
    public synchronized void withdraw(Claim.Key key) {
        called("withdraw " + key);
        if (picture != null) throw new AssertionError("withdrawn within a picture: " + key);
        if (claims.remove(key) == null) throw new AssertionError("withdrawn without a claim: " + key);
    }

    @Override
    public synchronized void complete() {
        called("complete");
        if (picture == null) throw new AssertionError("complete without begin");
        claims = picture;
        picture = null;
        pictures++;
    }

    @Override
    public synchronized void malformed(Claim.@Nullable Key key, String what) {
        called("malformed " + what);
        malformed.add(what);
    }

    @Override
    public synchronized void announced(int count) {
        called("announced " + count);
        announced = count;
    }

    @Override
    public synchronized void state(PlaneState now, String why) {
        called("state " + now + " " + why);
        if (picture != null) throw new AssertionError("state " + now + " within a picture");
        state = now;
        states.add(why.isEmpty() ? now.toString() : now + ": " + why);
    }

    synchronized Map<Claim.Key, Claim> claims() {
        return Map.copyOf(claims);
    }

    synchronized List<String> states() {
        return List.copyOf(states);
    }

    synchronized List<String> malformed() {
        return List.copyOf(malformed);
    }

    synchronized int pictures() {
        return pictures;
    }

    synchronized int announced() {
        return announced;
    }

    /** How often the plane has said how much it holds. */
    synchronized long answers() {
        return calls.stream().filter(call -> call.startsWith("announced ")).count();
    }

    synchronized int calls() {
        return calls.size();
    }

    synchronized String lastState() {
        return states.isEmpty() ? "" : states.getLast();
    }

    /** Waits until what was reported meets a condition. */
    synchronized void await(String what, Predicate<Recorder> condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE;
        while (!condition.test(this)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) throw new AssertionError("not reported: " + what + "; but " + calls);
            wait(left);
        }
    }

    void awaitState(PlaneState wanted) throws InterruptedException {
        await(wanted.toString(), now -> now.state == wanted);
    }

    void awaitClaim(Claim wanted) throws InterruptedException {
        await(wanted.toString(), now -> wanted.equals(now.claims.get(wanted.key())));
    }
}
