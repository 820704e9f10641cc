package dev.peregrine.dataplane.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Raises a worker that is asleep when others hand it packets, as raising a softirq does; one that runs costs no
 * wake-up, and no packet sleeps.
 *
 * <p>A flag says whether the worker is awake, which includes that it has been raised. A producer offers first and
 * {@link #ring}s second: full fence, then whoever changes the flag from false to true raises. The worker clears the
 * flag first and looks again second ({@link #rest}, full fence, then its links): either it sees what was offered, or the
 * producer sees the flag cleared. Without the fences both could look too early, and a packet would sleep.
 */
public final class Doorbell {
    private static final VarHandle FLAG = MethodHandles.arrayElementVarHandle(int[].class);

    private static final int ASLEEP = 0;
    private static final int AWAKE = 1;

    /** The flag stands in the midst of an array, with cache lines of its own: all workers read it. */
    private static final int AT = 32;

    private final int[] flag = new int[2 * AT];
    private volatile Runnable raise = () -> {};

    /** A doorbell whose worker is asleep, and whom nobody raises. */
    Doorbell() {}

    /** Sets what makes the worker take a turn; it is called by other workers' threads and must not block. */
    void raise(Runnable call) {
        raise = call;
    }

    /** Raises the worker if it is asleep; called by a producer, after it has offered. */
    void ring() {
        VarHandle.fullFence();
        if ((int) FLAG.getOpaque(flag, AT) == ASLEEP && FLAG.compareAndSet(flag, AT, ASLEEP, AWAKE)) {
            raise.run();
        }
    }

    /** Notes that the worker runs, whatever woke it up. */
    void rise() {
        if ((int) FLAG.getOpaque(flag, AT) == ASLEEP) {
            FLAG.setOpaque(flag, AT, AWAKE);
        }
    }

    /** Notes that the worker is about to sleep, once it has looked again. */
    void rest() {
        FLAG.setOpaque(flag, AT, ASLEEP);
        VarHandle.fullFence();
    }

    /** Takes {@link #rest} back; false when a producer was faster and has raised the worker. */
    boolean stayAwake() {
        return FLAG.compareAndSet(flag, AT, ASLEEP, AWAKE);
    }
}
