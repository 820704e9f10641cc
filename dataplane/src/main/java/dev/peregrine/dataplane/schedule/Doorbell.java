package dev.peregrine.dataplane.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Wakes a sleeping worker when others hand it packets, as raising a softirq does. A running worker costs no wake-up,
 * and no packet is left behind.
 *
 * <p>A flag says whether the worker is awake or has been woken. A producer offers first and {@link #ring}s second: full
 * fence, then the thread that changes the flag from false to true wakes the worker. The worker clears the flag first
 * and looks again second ({@link #prepareToSleep}, full fence, then its links): either it sees the offered packets, or
 * the producer sees the flag cleared. Without the fences both could look too early, and a packet would wait in a
 * sleeping worker's link.
 */
public final class Doorbell {
    private static final VarHandle FLAG = MethodHandles.arrayElementVarHandle(int[].class);

    private static final int ASLEEP = 0;
    private static final int AWAKE = 1;

    /** The flag lies in the middle of an array, with cache lines of its own: all workers read it. */
    private static final int AT = 32;

    private final int[] flag = new int[2 * AT];
    private volatile Runnable raise = () -> {};

    /** A doorbell whose worker is asleep and that wakes no one yet. */
    Doorbell() {}

    /** Sets what makes the worker take a turn; it is called by other workers' threads and must not block. */
    void raise(Runnable call) {
        raise = call;
    }

    /** Wakes the worker if it is asleep; called by a producer, after it has offered. */
    void ring() {
        VarHandle.fullFence();
        if ((int) FLAG.getOpaque(flag, AT) == ASLEEP && FLAG.compareAndSet(flag, AT, ASLEEP, AWAKE)) {
            raise.run();
        }
    }

    /** Marks the worker as running, whatever woke it. */
    void markAwake() {
        if ((int) FLAG.getOpaque(flag, AT) == ASLEEP) {
            FLAG.setOpaque(flag, AT, AWAKE);
        }
    }

    /** Marks the worker as about to sleep; it must look again afterwards. */
    void prepareToSleep() {
        FLAG.setOpaque(flag, AT, ASLEEP);
        VarHandle.fullFence();
    }

    /** Undoes {@link #prepareToSleep}; false when a producer was faster and has woken the worker. */
    boolean stayAwake() {
        return FLAG.compareAndSet(flag, AT, ASLEEP, AWAKE);
    }
}
