package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.command.Liveness;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Whether the workers take tasks, and the control thread comes further with what it was told to do. */
final class Pulse implements Liveness {
    private final List<EventLoopLane> lanes;
    private final AtomicLong progress = new AtomicLong();

    /** @param lanes complete before anybody asks whether they answer */
    Pulse(List<EventLoopLane> lanes) {
        this.lanes = lanes;
    }

    /** Something has happened that shows that a change comes further. Any thread. */
    void advance() {
        progress.incrementAndGet();
    }

    @Override
    public long progress() {
        return progress.get();
    }

    @Override
    public CompletableFuture<Void> workersAnswer() {
        try {
            return CompletableFuture.allOf(lanes.stream()
                    .map(lane -> CompletableFuture.runAsync(() -> {}, lane::execute))
                    .toArray(CompletableFuture[]::new));
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.failedFuture(ended);
        }
    }
}
