package dev.peregrine.gateway;

import dev.peregrine.gateway.config.WorkersConfig.Idle;
import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/**
 * How one worker's event loop waits for packets: asleep in {@code epoll_wait}, or awake, asking again and again.
 *
 * <p>Adaptive waiting stays awake for a moment after each turn. That spares the wake-up of an answer that follows on a
 * question, and of the next packets of a fast flow; a worker without traffic sleeps, and one with a thousand packets a
 * second sleeps nearly all the time.
 */
final class IdleStrategy implements SelectStrategy {
    /** Long enough for a local answer to a packet just delivered. */
    private static final long AWAKE_NANOS = 50_000;

    private final Idle mode;
    private long lastTurnNanos;

    IdleStrategy(Idle mode) {
        this.mode = mode;
    }

    /** Notes that a turn ended. Called on the worker's thread. */
    void worked(long nowNanos) {
        lastTurnNanos = nowNanos;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        return hasTasks || isAwake() ? selectNow.get() : SelectStrategy.SELECT;
    }

    private boolean isAwake() {
        return switch (mode) {
            case BLOCK -> false;
            case SPIN -> true;
            case ADAPTIVE -> System.nanoTime() - lastTurnNanos < AWAKE_NANOS;
        };
    }
}
