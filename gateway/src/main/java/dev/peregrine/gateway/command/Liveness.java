package dev.peregrine.gateway.command;

import java.util.concurrent.CompletableFuture;

/** Shows of a gateway that has started, without its control thread, whether it is stuck. Any thread may ask. */
public interface Liveness {

    /**
     * A number that has changed when work on the control thread has come further, as with each port that a change makes
     * or removes: the thread may be busy for minutes, but is not stuck. Work that it does again and again by itself
     * does not count.
     */
    long progress();

    /** Completes when every worker has run a task that it is given here; exceptionally when one takes none. */
    CompletableFuture<Void> workersAnswer();
}
