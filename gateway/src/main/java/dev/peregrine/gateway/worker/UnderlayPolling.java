package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.vxlan.underlay.PolledUnderlay;
import dev.peregrine.vxlan.underlay.Poller;
import io.netty.channel.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a worker's loop poll its underlay whenever datagrams wait. A socket that only fails stays readable for ever: once
 * the underlay is broken it is left alone until {@link #again}. Belongs to the worker's thread.
 */
final class UnderlayPolling implements Poller {
    private static final Logger log = LoggerFactory.getLogger(UnderlayPolling.class);
    private static final int NOTHING = -1;

    private final EventLoopWorker loop;
    private final PolledUnderlay underlay;
    private final Input input;
    private EventLoopWorker.@Nullable Watch watch;
    private int watched = NOTHING;
    private boolean ended;

    /** Nothing is polled before {@link #begin}. */
    UnderlayPolling(EventLoopWorker loop, PolledUnderlay underlay, Input input) {
        this.loop = loop;
        this.underlay = underlay;
        this.input = input;
    }

    void begin() throws IOException {
        underlay.startReceiving(this);
    }

    @Override
    public void watch(int fd) throws IOException {
        watched = fd;
        watch = loop.watch(fd, input, this::restIfBroken);
    }

    @Override
    public void ready() {
        loop.ready(input);
    }

    @Override
    public EventLoop loop() {
        return loop.eventLoop();
    }

    private void restIfBroken() {
        if (underlay.isBroken()) {
            rest();
        }
    }

    private void rest() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    /** Lets a broken underlay try to receive again. */
    void again() {
        if (ended || !underlay.isBroken()) {
            return;
        }
        underlay.receiveAgain();
        try {
            if (watch == null && watched != NOTHING) {
                watch(watched);
            }
        } catch (IOException e) {
            log.warn("the underlay's socket cannot be watched", e);
        }
    }

    /** Nothing is polled from now on. */
    void end() {
        ended = true;
        rest();
        underlay.stopReceiving();
    }
}
