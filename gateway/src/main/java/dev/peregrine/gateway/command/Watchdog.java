package dev.peregrine.gateway.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a gateway works, {@value #ASKS} times in each interval in which the service manager wants to hear
 * of it. A sign is given when the control thread answers, after it has seen each worker take a turn. While the control
 * thread is busy with a long change, a sign is given when it came further since it was asked last and the workers
 * answer by themselves. So two signs are apart by a quarter of the interval, and the longest step in which nothing
 * comes further.
 *
 * <p>{@link #ask} belongs to one thread; the sign is given on that or on the control thread.
 */
final class Watchdog {
    /** How often it asks in an interval: an answer that is late by half of the interval is still heard in time. */
    static final int ASKS = 4;

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final Gateway gateway;
    private final Liveness liveness;
    private final Runnable sign;
    private final AtomicBoolean asked = new AtomicBoolean();
    private CompletableFuture<Void> workers = CompletableFuture.completedFuture(null);
    private long seenProgress;

    /** Nothing is asked yet. */
    Watchdog(Gateway gateway, Runnable sign) {
        this.gateway = gateway;
        liveness = gateway.liveness();
        this.sign = sign;
        seenProgress = liveness.progress();
    }

    /** Asks, and gives a sign if what was asked before shows that the gateway works. */
    void ask() {
        long progress = liveness.progress();
        boolean hasComeFurther = progress != seenProgress;
        seenProgress = progress;
        try {
            if (asked.compareAndSet(false, true)) {
                gateway.controlThread().execute(this::answer);
            } else if (hasComeFurther && workersAnswered()) {
                sign.run();
            }
            if (workers.isDone()) workers = liveness.workersAnswer();
        } catch (RejectedExecutionException ending) {
            log.debug("the gateway ends", ending);
        }
    }

    private boolean workersAnswered() {
        return workers.isDone() && !workers.isCompletedExceptionally();
    }

    /** On the control thread. */
    private void answer() {
        asked.set(false);
        try {
            gateway.awaitWorkers();
            sign.run();
        } catch (RuntimeException stuck) {
            log.error("the service manager is not told that the gateway works", stuck);
        }
    }
}
