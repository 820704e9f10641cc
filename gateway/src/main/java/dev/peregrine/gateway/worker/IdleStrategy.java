package dev.peregrine.gateway.worker;

import dev.peregrine.gateway.config.model.WorkersConfig.Idle;
import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How one worker's event loop waits for packets: asleep in {@code epoll_wait}, or awake, asking again and again.
 *
 * <p>Adaptive waiting stays awake for a moment after a turn with few packets. That spares the wake-up of an answer that
 * follows on a question; a worker without traffic sleeps, and one with a thousand packets a second sleeps nearly all
 * the time.
 */
final class IdleStrategy implements SelectStrategy {
    /** Long enough for a local answer to a packet just delivered. */
    private static final long AWAKE_NANOS = 50_000;

    private final Idle mode;
    private final LongSupplier clock;
    private long sleepNanos;
    private @Nullable Runnable pending;

    /** @param clock nanoseconds */
    IdleStrategy(Idle mode, LongSupplier clock) {
        this.mode = mode;
        this.clock = clock;
    }

    /**
     * Notes that a turn ended. Called on the worker's thread.
     *
     * @param nowNanos by the clock
     * @param bulk whether it took many packets at once, which have paid for a wake-up. Staying awake after that would
     *     only take the CPU from who is to bring the next: the kernel's receiving thread, on a machine that is busy
     */
    void worked(long nowNanos, boolean bulk) {
        sleepNanos = bulk ? nowNanos : nowNanos + AWAKE_NANOS;
    }

    /**
     * Notes that packets wait, and has {@code nextTurn} take them on. The next look at the descriptors does not block,
     * and the turn comes after it, so that a source which became ready meanwhile gets its share. Called on the worker's
     * thread.
     */
    void goOn(Runnable nextTurn) {
        pending = nextTurn;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        Runnable turn = pending;
        if (turn != null) {
            pending = null;
            turn.run();
            return selectNow.get();
        }
        return hasTasks || isAwake() ? selectNow.get() : SelectStrategy.SELECT;
    }

    private boolean isAwake() {
        return switch (mode) {
            case BLOCK -> false;
            case SPIN -> true;
            case ADAPTIVE -> clock.getAsLong() - sleepNanos < 0;
        };
    }
}
