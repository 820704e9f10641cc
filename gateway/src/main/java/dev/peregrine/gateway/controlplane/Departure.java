package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.FeedQueue;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a plane that a change removes: it withdraws what it published, as far as it can within a limited time, and
 * is closed. On a thread of its own, since either may take long; nobody hears its reports but this.
 */
final class Departure implements Feed {
    private static final int BATCH = 1000;

    private final ControlPlane plane;
    private final FeedQueue reports;
    private final @Nullable LocalState nothing;
    private final Thread thread;
    private long deadlineNanos;
    private boolean isReached;
    private boolean hasTold;
    private boolean isWithdrawn;

    /**
     * A plane that is to end.
     *
     * @param nothing tells it to withdraw what it published; null if that stays
     * @param isReached whether it could be reached when it was heard last
     */
    Departure(String name, ControlPlane plane, FeedQueue reports, @Nullable LocalState nothing, boolean isReached) {
        this.plane = plane;
        this.reports = reports;
        this.nothing = nothing;
        this.isReached = isReached;
        thread = Thread.ofPlatform().daemon().name("end-" + name).unstarted(this::run);
    }

    /** Begins; {@code limit} is for the withdrawal alone. */
    Departure begin(Duration limit) {
        deadlineNanos = System.nanoTime() + limit.toNanos();
        thread.start();
        return this;
    }

    boolean isOver() {
        return thread.getState() == Thread.State.TERMINATED;
    }

    /** Waits until the plane is closed, at most for a time. */
    void await(Duration limit) {
        try {
            thread.join(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            if (nothing != null) withdraw(nothing);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reports.close();
            plane.close();
        }
    }

    private void withdraw(LocalState state) throws InterruptedException {
        while (reports.drain(this, BATCH)) {} // what it said before it was told
        hasTold = true;
        plane.announce(state);
        while (isReached && !isWithdrawn && System.nanoTime() - deadlineNanos < 0) {
            if (!reports.drain(this, BATCH)) TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Override
    public void announced(int claims) {
        isWithdrawn = hasTold && claims == 0;
    }

    @Override
    public void state(PlaneState state, String why) {
        isReached = state == PlaneState.LIVE || state == PlaneState.SYNCING;
    }

    @Override
    public void begin() {}

    @Override
    public void claim(Claim claim) {}

    @Override
    public void withdraw(Claim.Key key) {}

    @Override
    public void complete() {}

    @Override
    public void malformed(Claim.@Nullable Key key, String what) {}
}
