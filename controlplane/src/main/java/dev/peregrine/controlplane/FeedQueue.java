package dev.peregrine.controlplane;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a plane reports from its thread to another one, in order. It holds a bounded number of reports; the
 * plane waits while it is full. After {@link #close} it takes nothing and lets nobody wait.
 */
public final class FeedQueue implements Feed {
    /** Reports that it holds at most. */
    public static final int CAPACITY = 4096;

    private final ArrayDeque<Report> reports = new ArrayDeque<>();
    private final Runnable wake;
    private boolean closed;

    /** One call of a {@link Feed}. */
    private sealed interface Report {}

    private record Claimed(Claim claim) implements Report {}

    private record Withdrawn(Claim.Key key) implements Report {}

    private record Malformed(Claim.@Nullable Key key, String what) implements Report {}

    private record Announced(int claims) implements Report {}

    private record AnnounceFailed(String why) implements Report {}

    private record Changed(PlaneState state, String why) implements Report {}

    private enum Mark implements Report {
        BEGIN,
        COMPLETE
    }

    /**
     * An empty queue.
     *
     * @param wake called on the plane's thread when the queue is no longer empty; it is to have {@link #drain} called
     *     soon
     */
    public FeedQueue(Runnable wake) {
        this.wake = wake;
    }

    @Override
    public void begin() {
        put(Mark.BEGIN);
    }

    @Override
    public void claim(Claim claim) {
        put(new Claimed(claim));
    }

    @Override
    public void withdraw(Claim.Key key) {
        put(new Withdrawn(key));
    }

    @Override
    public void complete() {
        put(Mark.COMPLETE);
    }

    @Override
    public void malformed(Claim.@Nullable Key key, String what) {
        put(new Malformed(key, what));
    }

    @Override
    public void announced(int claims) {
        put(new Announced(claims));
    }

    @Override
    public void announceFailed(String why) {
        put(new AnnounceFailed(why));
    }

    @Override
    public void state(PlaneState state, String why) {
        put(new Changed(state, why));
    }

    private void put(Report report) {
        boolean wasEmpty;
        synchronized (reports) {
            while (reports.size() >= CAPACITY && !closed) {
                try {
                    reports.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return; // its plane is being closed
                }
            }
            if (closed) return;
            wasEmpty = reports.isEmpty();
            reports.add(report);
        }
        if (wasEmpty) wake.run();
    }

    /**
     * Hands reports on, on the calling thread, at most {@code max} of them.
     *
     * @return whether any are left
     */
    public boolean drain(Feed to, int max) {
        for (int i = 0; i < max; i++) {
            Report report;
            synchronized (reports) {
                report = reports.poll();
                if (report == null) return false;
                if (reports.size() == CAPACITY / 2) reports.notifyAll();
            }
            deliver(report, to);
        }
        synchronized (reports) {
            return !reports.isEmpty();
        }
    }

    private static void deliver(Report report, Feed to) {
        switch (report) {
            case Claimed claimed -> to.claim(claimed.claim());
            case Withdrawn withdrawn -> to.withdraw(withdrawn.key());
            case Malformed malformed -> to.malformed(malformed.key(), malformed.what());
            case Announced announced -> to.announced(announced.claims());
            case AnnounceFailed failed -> to.announceFailed(failed.why());
            case Changed changed -> to.state(changed.state(), changed.why());
            case Mark.BEGIN -> to.begin();
            case Mark.COMPLETE -> to.complete();
        }
    }

    /** Forgets what it holds, and takes nothing any more. For any thread. */
    public void close() {
        synchronized (reports) {
            closed = true;
            reports.clear();
            reports.notifyAll();
        }
    }
}
