package dev.peregrine.gateway.underlay;

import dev.peregrine.vxlan.underlay.SocketUnderlay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log when the kernel grants the sending sockets less than they should have. Belongs to the control thread.
 */
public final class SendBufferLog {
    private static final Logger log = LoggerFactory.getLogger(SendBufferLog.class);

    private int told;

    /** Tells what is new since the last call. */
    public void tell(SocketUnderlay underlay) {
        int wanted = underlay.sendBufferWantedBytes();
        int granted = underlay.sendBufferBytes();
        if (granted < wanted && wanted != told) {
            log.warn(
                    "the kernel grants each underlay socket a send buffer of {} KiB for {}: VTEPs that do not answer may cost others"
                            + " that were not heard from lately; run with CAP_NET_ADMIN, or set net.core.wmem_max to {}",
                    granted >> 10,
                    wanted >> 10,
                    wanted);
            told = wanted;
        }
    }
}
