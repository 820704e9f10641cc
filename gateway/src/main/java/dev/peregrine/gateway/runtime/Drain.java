package dev.peregrine.gateway.runtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a gateway takes new work. One that drains says that it does not: whoever balances load is to send new flows
 * elsewhere. Frames pass as before, those of new flows too; configuration changes are refused. Any thread may ask.
 */
public final class Drain {
    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private volatile boolean told;
    private volatile boolean ending;

    Drain() {}

    /** Whether the gateway was told to drain, or has begun to end. */
    public boolean isOn() {
        return told || ending;
    }

    /** Begins, or ends what a call before has begun. */
    public void set(boolean on) {
        if (on != told) {
            log.info(on ? "draining: not ready for new work, frames pass as before" : "draining has ended");
        }
        told = on;
    }

    /** The gateway ends: nothing takes this back. */
    void end() {
        ending = true;
    }
}
