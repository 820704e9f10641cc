package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.packet.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Counts the failures of a receiving socket. One failed call does no harm: the error was pending, and the call cleared
 * it. But a socket all of whose calls fail would stay readable for ever. After a few failures in a row it therefore
 * counts as broken, and the worker should not poll it for a while. Written by the worker; any thread may read.
 */
public final class ReceiveFailures {
    /** Calls in a row. */
    public static final int LIMIT = 8;

    private final Counter count = new Counter();
    private volatile int lastErrno;
    private volatile boolean broken;
    private int inARow;

    /** Records a call that failed; {@code errno} has either sign. */
    public void failed(int errno) {
        lastErrno = Math.abs(errno);
        count.add(1);
        inARow++;
        if (inARow >= LIMIT) {
            broken = true;
        }
    }

    /** Records a call that did not fail, whether or not it received something, or the decision to try again. */
    public void clear() {
        if (inARow > 0) {
            inARow = 0;
            broken = false;
        }
    }

    /** Whether enough calls in a row have failed that the socket is left alone. */
    public boolean isBroken() {
        return broken;
    }

    /** The last failure; null when there was none. */
    public @Nullable ReceiveFailure last() {
        return count.value() == 0 ? null : new ReceiveFailure(lastErrno, count.value());
    }
}
