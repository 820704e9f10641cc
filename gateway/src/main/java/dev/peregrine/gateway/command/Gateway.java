package dev.peregrine.gateway.command;

import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.http.Observed;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A gateway that carries traffic, or will as soon as it can, as the command line sees it. */
public interface Gateway extends AutoCloseable, Observed {

    /** The text behind {@code ready} in the line that says so: address, VNIs, ports, workers. */
    String summary();

    /** The commands that it answers. */
    List<Noun> nouns();

    /** The one thread that {@link #nouns} are to be asked on. */
    @Override
    Executor controlThread();

    /**
     * Returns when every worker has taken a turn since; called on the control thread.
     *
     * @throws RuntimeException that names a worker that is stuck
     */
    void awaitWorkers();

    /** Whether it works, as far as any thread can see. */
    Liveness liveness();

    /** Completes when traffic flows for the first time: the underlay's interface or address may be there later. */
    CompletableFuture<Void> ready();

    /** Completes when the gateway has ended: normally by {@link #close}, exceptionally when it cannot go on. */
    CompletableFuture<Void> ended();

    /** Reads its configuration file again and follows it, as far as it can; returns at once. */
    void hangUp();

    /** Drains, then removes everything that the gateway made. Called once, by any thread. */
    @Override
    void close();
}
