package dev.peregrine.vxlan.underlay;

import java.io.IOException;

/** Open sockets, which know how they are polled. These methods are called on the worker's thread. */
public interface PolledUnderlay extends SocketUnderlay {
    /** Prepares to send: called once, before {@link #accept} is. */
    void register(Poller poller);

    /** From now on datagrams come, and the worker polls when they do. Called once, with what was registered. */
    void startReceiving(Poller poller) throws IOException;

    /** From now on nothing is received. The descriptor under watch, if any, must not be watched any more. */
    void stopReceiving();
}
