package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.worker.FaultLog;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has loads sampled as often as the schedule wants it, and receivers steered several times a second. While no worker
 * has anything to do, it wakes the control thread four times a second for both: an idle gateway is to cost next to
 * nothing. On the control thread.
 */
final class LoadWatch {
    /**
     * How often NAPI threads and workers are looked at, and loads sampled while there are none: traffic that begins is
     * to be carried at its full rate soon.
     */
    private static final long STEER_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** A look that is due so soon is taken at once, not at a wake-up of its own. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Loads loads;
    private final IntSupplier sampleMillis;
    private final FaultLog faults;
    private @Nullable ScheduledFuture<?> next;
    private boolean isQuiet;
    private long sampleNanos;
    private long steerNanos;

    /** The loads that are looked at. */
    interface Loads {
        /** Samples them; answers whether nothing happens. */
        boolean sample(long nowNanos);

        /** Steers receivers by them. */
        void steer(boolean isQuiet, long nowNanos);
    }

    /** Nothing is done before it begins; {@code sampleMillis} may change. */
    LoadWatch(Loads loads, IntSupplier sampleMillis, FaultLog faults) {
        this.loads = loads;
        this.sampleMillis = sampleMillis;
        this.faults = faults;
    }

    /** Begins, when lanes are there. */
    void begin(ScheduledExecutorService control) {
        lookAfter(begin(System.nanoTime()), control);
    }

    /** Nothing is done after this. */
    void end() {
        if (next != null) {
            next.cancel(false);
        }
    }

    private void lookAfter(long nanos, ScheduledExecutorService control) {
        next = control.schedule(() -> lookAfter(look(System.nanoTime()), control), nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns the nanoseconds until the first look. */
    long begin(long nowNanos) {
        sampleNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(sampleMillis.getAsInt());
        steerNanos = nowNanos + STEER_NANOS;
        return untilNext(nowNanos);
    }

    /** Does what is due; returns the nanoseconds until the next look. */
    long look(long nowNanos) {
        if (sampleNanos - nowNanos <= SLACK_NANOS) {
            isQuiet = false;
            faults.run("sampling loads", () -> isQuiet = loads.sample(nowNanos));
            sampleNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(sampleMillis.getAsInt());
        }
        if (steerNanos - nowNanos <= SLACK_NANOS) {
            steerNanos = nowNanos + STEER_NANOS;
            faults.run("placement of receivers", () -> loads.steer(isQuiet, nowNanos));
        }
        if (isQuiet && sampleNanos - steerNanos < 0) {
            sampleNanos = steerNanos;
        }
        return untilNext(nowNanos);
    }

    private long untilNext(long nowNanos) {
        return Math.max(0, Math.min(sampleNanos - nowNanos, steerNanos - nowNanos));
    }
}
