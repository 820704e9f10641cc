package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A plane out of objects of a Kubernetes API server. It lists them in pages, then watches from the list's version on. A
 * watch that ends, breaks or says nothing for too long is opened again where it was; where the server does not know
 * that version any more, or says something unexpected, it lists again. A list that breaks off is never reported.
 */
public final class KubernetesPlane implements ControlPlane {
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Inbox inbox = new Inbox();
    private final KubernetesSettings settings;
    private @Nullable Thread thread;

    /** A plane that does nothing until {@link #start}. */
    public KubernetesPlane(KubernetesSettings settings) {
        this.settings = settings;
    }

    @Override
    public void start(Feed feed) {
        thread = Thread.ofPlatform()
                .daemon()
                .name("plane-" + settings.name())
                .start(new PlaneLoop(settings, inbox, feed));
    }

    @Override
    public void announce(LocalState wanted) {
        inbox.announce(wanted);
    }

    @Override
    public void resync() {
        inbox.resync();
    }

    @Override
    public void close() {
        Thread its = thread;
        if (its == null) return;
        its.interrupt();
        try {
            its.join(CLOSING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
