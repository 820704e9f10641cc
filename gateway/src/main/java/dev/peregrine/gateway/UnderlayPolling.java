package dev.peregrine.gateway;

import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.vxlan.underlay.NettyUnderlay;
import dev.peregrine.vxlan.underlay.SocketUnderlay;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a worker's loop poll its underlay whenever datagrams wait. A socket that only fails stays readable for ever: once
 * the underlay is broken it is left alone until {@link #again}. Belongs to the worker's thread.
 */
final class UnderlayPolling {
    private static final Logger log = LoggerFactory.getLogger(UnderlayPolling.class);

    private final EventLoopWorker loop;
    private final SocketUnderlay underlay;
    private final Worker.Input input;
    private EventLoopWorker.@Nullable Watch watch;
    private boolean ended;

    /** Nothing is polled before {@link #begin}. */
    UnderlayPolling(EventLoopWorker loop, SocketUnderlay underlay, Worker.Input input) {
        this.loop = loop;
        this.underlay = underlay;
        this.input = input;
    }

    void begin() throws Exception {
        if (underlay instanceof NettyUnderlay netty) {
            loop.startReceiving(netty, input);
        } else {
            watch = loop.watch(underlay.fd(), input, this::restIfBroken);
        }
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
            if (watch == null && !(underlay instanceof NettyUnderlay)) {
                begin();
            }
        } catch (Exception e) {
            log.warn("the underlay's socket cannot be watched", e);
        }
    }

    /** Nothing is polled from now on. */
    void end() {
        ended = true;
        rest();
        if (underlay instanceof NettyUnderlay netty) {
            netty.stopReceiving();
        }
    }
}
