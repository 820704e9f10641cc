package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A plane whose reports the test makes, and that remembers what it was told last. */
final class FakePlane implements ControlPlane {
    private @Nullable Feed feed;
    volatile @Nullable LocalState wanted;
    volatile boolean isClosed;

    /** Opens for its close to return. */
    volatile CountDownLatch mayClose = new CountDownLatch(0);

    /** Whether it says at once that it has withdrawn what it was told to. */
    volatile boolean answers = true;

    @Override
    public void start(Feed to) {
        feed = to;
    }

    boolean isPublishing() {
        LocalState its = wanted;
        return its != null && its.published();
    }

    Feed feed() {
        return Objects.requireNonNull(feed);
    }

    @Override
    public void announce(LocalState state) {
        wanted = state;
        Feed to = feed;
        if (answers && to != null && !state.published()) to.announced(0);
    }

    @Override
    public void resync() {}

    @Override
    public void close() {
        try {
            mayClose.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        isClosed = true;
    }
}
