package dev.peregrine.gateway;

import dev.peregrine.gateway.config.WorkersConfig.Idle;
import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/**
 * How one worker's event loop waits for packets: asleep in {@code epoll_wait}, or awake, asking again and again.
 *
 * <p>Adaptive waiting stays awake for a moment after a turn with few packets. That spares the wake-up of an answer that
 * follows on a question; a worker without traffic sleeps, and one with a thousand packets a second sleeps nearly all the
 * time.
 */
final class IdleStrategy implements SelectStrategy {
    /** Long enough for a local answer to a packet just delivered. */
    private static final long AWAKE_NANOS = 50_000;

    /**
     * A turn with so many packets has paid for a wake-up. Staying awake after it would only take the CPU from who is to
     * bring the next: the kernel's receiving thread, on a machine that is busy.
     */
    private static final int BULK = 8;

    private final Idle mode;
    private long sleepNanos;

    IdleStrategy(Idle mode) {
        this.mode = mode;
    }

    /**
     * Notes that a turn ended. Called on the worker's thread.
     *
     * @param wirePackets what the turn has taken
     */
    void worked(long nowNanos, int wirePackets) {
        sleepNanos = wirePackets < BULK ? nowNanos + AWAKE_NANOS : nowNanos;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        return hasTasks || isAwake() ? selectNow.get() : SelectStrategy.SELECT;
    }

    private boolean isAwake() {
        return switch (mode) {
            case BLOCK -> false;
            case SPIN -> true;
            case ADAPTIVE -> System.nanoTime() - sleepNanos < 0;
        };
    }
}
