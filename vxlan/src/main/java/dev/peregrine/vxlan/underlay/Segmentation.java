package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.vxlan.RemoteVtep;

/**
 * To which VTEPs datagrams leave as {@code UDP_SEGMENT} messages: to all, where the offload is on, but for those on whose
 * way it failed. Since the cause may pass (an interface that was down, a narrow route, a short queue), it is tried again
 * after some ticks, and after twice as many each time that it fails again soon.
 *
 * <p>Belongs to one worker; {@link #offload} may be asked by any thread.
 */
final class Segmentation {
    /** Ticks after which it is tried again, first and at most. */
    static final int FIRST_PAUSE = 2;

    static final int LONGEST_PAUSE = 64;

    /**
     * Messages that the device's queue must refuse one after the other before datagrams leave singly: it may be shorter than
     * a message, and would never take one. One that is full now and then is no reason.
     */
    static final int REFUSALS_IN_A_ROW = 64;

    private final Offload checked;

    /** By VTEP: the tick from which on messages are sent again; 0 for those to which they never failed. */
    private final int[] resume;

    /** By VTEP: ticks of the last pause. */
    private final byte[] pause;

    /** By VTEP: messages in a row that the device's queue refused. */
    private final byte[] refusals;

    private boolean hasRefusals;
    private int now = 1;
    private int failedUntil;
    private volatile Offload offload;

    /** @param vteps what VTEP indices stay below */
    Segmentation(Offload checked, int vteps) {
        this.checked = checked;
        offload = checked;
        resume = new int[vteps];
        pause = new byte[vteps];
        refusals = new byte[vteps];
    }

    /** Whether the offload is in use, and why it is not. */
    Offload offload() {
        return offload;
    }

    /** Whether datagrams to a VTEP may be merged now. */
    boolean merges(RemoteVtep vtep) {
        return checked.enabled() && resume[vtep.index()] <= now;
    }

    /** A message was sent. */
    void passed(RemoteVtep vtep) {
        if (hasRefusals) {
            refusals[vtep.index()] = 0;
        }
    }

    /** The queue of the device was full for a message. */
    void queueFull(RemoteVtep vtep) {
        hasRefusals = true;
        if (++refusals[vtep.index()] == REFUSALS_IN_A_ROW) {
            refusals[vtep.index()] = 0;
            suspend(vtep.index());
        }
    }

    /** A message failed, and its datagrams passed one by one. */
    void failed(RemoteVtep vtep, int errno) {
        int ticks = suspend(vtep.index());
        if (errno != Errno.EMSGSIZE) {
            failedUntil = Math.max(failedUntil, now + ticks);
            offload = new Offload(
                    checked.name(),
                    false,
                    "sendmmsg with UDP_SEGMENT to " + vtep.destination() + " failed with " + Errno.name(errno)
                            + ", without it the same was sent; tried again within " + ticks + " s");
        }
    }

    /** Returns for how many ticks. */
    private int suspend(int vtep) {
        boolean soonAgain = resume[vtep] > 0 && now - resume[vtep] < pause[vtep];
        int ticks = soonAgain ? Math.min(LONGEST_PAUSE, 2 * pause[vtep]) : FIRST_PAUSE;
        pause[vtep] = (byte) ticks;
        resume[vtep] = now + ticks;
        return ticks;
    }

    /** About a second has passed. */
    void tick() {
        now++;
        if (now == failedUntil) {
            offload = checked;
        }
    }
}
