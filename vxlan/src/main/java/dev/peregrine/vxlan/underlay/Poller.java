package dev.peregrine.vxlan.underlay;

import io.netty.channel.EventLoop;
import java.io.IOException;

/** The event loop that polls an underlay, as its sockets need it. On the worker's thread, which is the loop's. */
public interface Poller {
    /** Has the worker poll the underlay whenever a descriptor is readable; it stays its owner's. */
    void watch(int fd) throws IOException;

    /** Has the worker poll the underlay soon: it has packets to give. */
    void ready();

    /** The loop itself, for Netty's channels. */
    EventLoop loop();
}
