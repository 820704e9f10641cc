package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.vxlan.RemoteVtep;

/**
 * Decides to which VTEPs datagrams leave as {@code UDP_SEGMENT} messages: with the offload on, to all except those for
 * which it failed. Since the cause may pass (an interface that was down, a narrow route, a short queue), messages are
 * tried again after some ticks, and after twice as many each time that they soon fail again.
 *
 * <p>Belongs to one worker; any thread may call {@link #offload}.
 */
final class Segmentation {
    /** Ticks after which messages are tried again, first and at most. */
    static final int FIRST_PAUSE = 2;

    static final int LONGEST_PAUSE = 64;

    /**
     * Messages in a row that the device's queue must refuse before datagrams leave singly: a queue shorter than a
     * message never takes one. A queue that is sometimes full is no reason.
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

    /** @param vteps all VTEP indices are below it */
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

    /** Records that the device's queue was full for a message. */
    void queueFull(RemoteVtep vtep) {
        hasRefusals = true;
        if (++refusals[vtep.index()] == REFUSALS_IN_A_ROW) {
            refusals[vtep.index()] = 0;
            suspend(vtep.index());
        }
    }

    /** Records that a message failed, and its datagrams passed one by one. */
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

    /** Starts a pause, and returns its length in ticks. */
    private int suspend(int vtep) {
        boolean soonAgain = resume[vtep] > 0 && now - resume[vtep] < pause[vtep];
        int ticks = soonAgain ? Math.min(LONGEST_PAUSE, 2 * pause[vtep]) : FIRST_PAUSE;
        pause[vtep] = (byte) ticks;
        resume[vtep] = now + ticks;
        return ticks;
    }

    /** Advances by one tick; called about once a second. */
    void tick() {
        now++;
        if (now == failedUntil) {
            offload = checked;
        }
    }
}
