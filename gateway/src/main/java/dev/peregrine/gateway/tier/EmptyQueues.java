package dev.peregrine.gateway.tier;

import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until a worker finds all its queues empty: all packets that came before the question have left it by then. */
final class EmptyQueues {
    /** The time for which a worker looks before its other tasks have their turn. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private EmptyQueues() {}

    /** The end of a wait. */
    @FunctionalInterface
    interface Answer {
        /** {@code areEmpty} is false where the asker gave up, or the worker has ended. */
        void found(boolean areEmpty);
    }

    /**
     * Asks a worker. Any thread.
     *
     * @param givesUp asked on the worker, each time that it has found packets
     * @param answer called once: on the worker, behind its last empty turn, or on the calling thread where the worker
     *     takes no tasks any more
     */
    static void await(EventLoopLane lane, BooleanSupplier givesUp, Answer answer) {
        try {
            lane.execute(() -> look(lane, givesUp, answer));
        } catch (RejectedExecutionException e) {
            answer.found(false);
        }
    }

    private static void look(EventLoopLane lane, BooleanSupplier givesUp, Answer answer) {
        boolean areEmpty = lane.worker().exhaust(System.nanoTime() + LOOK_NANOS);
        if (areEmpty || givesUp.getAsBoolean()) {
            answer.found(areEmpty);
        } else {
            await(lane, givesUp, answer);
        }
    }
}
