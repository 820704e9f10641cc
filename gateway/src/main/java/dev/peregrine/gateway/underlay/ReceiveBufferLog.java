package dev.peregrine.gateway.underlay;

import dev.peregrine.vxlan.underlay.SocketUnderlay;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log when the kernel grants the receiving sockets less than was asked for. Belongs to the control thread.
 */
public final class ReceiveBufferLog {
    private static final Logger log = LoggerFactory.getLogger(ReceiveBufferLog.class);

    private int told;

    /** Tells what is new since the last call; {@code wanted} is {@code underlay.receiveBuffer} in bytes. */
    public void tell(SocketUnderlay underlay, long wanted) {
        String news = news(underlay.receiveBufferBytes(), wanted);
        if (news != null) {
            log.warn("{}", news);
        }
    }

    /** The line for the log; null without news. {@code granted} is 0 while there are no sockets. */
    @Nullable
    String news(int granted, long wanted) {
        if (granted == 0 || granted >= wanted || granted == told) {
            return null;
        }
        told = granted;
        return String.format(
                "the kernel grants each underlay socket a receive buffer of %d KiB, not the %d KiB of"
                        + " underlay.receiveBuffer: bursts are lost earlier (UNDERLAY_RECEIVE_OVERFLOW); run with"
                        + " CAP_NET_ADMIN, or set net.core.rmem_max to %d",
                granted >> 10, wanted >> 10, wanted);
    }
}
