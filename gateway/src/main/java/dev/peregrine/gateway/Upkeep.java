package dev.peregrine.gateway;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done again and again while a gateway runs: tables age, ports are looked after and news is told once a second,
 * and loads are sampled as often as the schedule wants it. All on the control thread, which also begins and ends it.
 */
final class Upkeep {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final int TICK_MILLIS = 1000;

    /** How much less often loads are sampled while there are none: an idle gateway is to cost next to nothing. */
    private static final int QUIET_FACTOR = 10;

    private final OverlayGateway gateway;
    private final ScheduledExecutorService control;
    private final PathMtuWatch paths;
    private final OffloadLog offloads = new OffloadLog();
    private @Nullable ScheduledFuture<?> ticks;
    private @Nullable ScheduledFuture<?> samples;

    /** Nothing is done before {@link #begin}. */
    Upkeep(OverlayGateway gateway, ScheduledExecutorService control, PathMtuWatch paths) {
        this.gateway = gateway;
        this.control = control;
        this.paths = paths;
    }

    /** Begins, when lanes and ports are there. */
    void begin() {
        offloads.tell(Offloads.rows(gateway));
        ticks = control.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        sampleAfter(sampleMillis());
    }

    /** Nothing is done after this. */
    void end() {
        if (ticks != null) {
            ticks.cancel(false);
        }
        if (samples != null) {
            samples.cancel(false);
        }
    }

    private int sampleMillis() {
        return gateway.config().schedule().sampleMillis();
    }

    private void sampleAfter(int millis) {
        samples = control.schedule(this::sample, millis, TimeUnit.MILLISECONDS);
    }

    private void sample() {
        boolean isQuiet = false;
        try {
            isQuiet = gateway.scheduling().sample(System.nanoTime());
        } catch (RuntimeException e) {
            log.error("sampling loads failed", e);
        }
        sampleAfter(sampleMillis() * (isQuiet ? QUIET_FACTOR : 1));
    }

    private void tick() {
        try {
            long nowNanos = System.nanoTime();
            gateway.bridge().applyLearns(nowNanos);
            gateway.fdb().age(nowNanos);
            gateway.bridge().neighbours().age(nowNanos);
            gateway.policies().policy().states().sweep(nowNanos);
            gateway.lanes().forEach(Lane::countLosses);
            gateway.ports().forEach(LocalPort::tick);
            offloads.tell(Offloads.rows(gateway));
            paths.tick(nowNanos);
        } catch (RuntimeException e) {
            log.error("the control thread's tick failed", e);
        }
    }
}
