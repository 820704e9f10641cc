package dev.peregrine.controlplane;

/**
 * A source of claims and a place to publish one's own. A plane has a thread of its own, touches no table of the gateway
 * and never gives up: what fails is tried again, after 0.2 s at first and at most 30 s, with jitter.
 */
public interface ControlPlane extends AutoCloseable {
    /** Begins to work. Returns at once; called once. */
    void start(Feed feed);

    /**
     * Says what the plane is to publish: all of it, each time. Returns at once. The plane publishes the difference from
     * what it published before, and all of it again wherever the other side has lost it.
     */
    void announce(LocalState wanted);

    /** Reads the whole picture again, as soon as possible. Returns at once. */
    void resync();

    /**
     * Ends the plane's thread and connections. Does not withdraw what is published: who wants that announces
     * {@link LocalState#nothing} before, and waits.
     */
    @Override
    void close();
}
