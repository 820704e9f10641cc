package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.packet.Counter;
import org.jspecify.annotations.Nullable;

/**
 * How a receiving socket fails. One call that fails is no harm: the error was pending, and is gone now. A socket all of
 * whose calls fail would be announced as readable for ever, so it counts as broken after a few in a row, and is to be
 * left alone for a while. Written by the worker; any thread may read.
 */
final class ReceiveFailures {
    /** Calls in a row. */
    static final int LIMIT = 8;

    private final Counter count = new Counter();
    private volatile int lastErrno;
    private volatile boolean broken;
    private int inARow;

    /** Notes a call that failed; {@code errno} has either sign. */
    void failed(int errno) {
        lastErrno = Math.abs(errno);
        count.add(1);
        inARow++;
        if (inARow >= LIMIT) {
            broken = true;
        }
    }

    /** Notes a call that did not fail, whether or not it received something; or that it shall be tried again. */
    void clear() {
        if (inARow > 0) {
            inARow = 0;
            broken = false;
        }
    }

    boolean isBroken() {
        return broken;
    }

    /** The last failure; null when there was none. */
    @Nullable
    ReceiveFailure last() {
        return count.value() == 0 ? null : new ReceiveFailure(lastErrno, count.value());
    }
}
