package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;

/**
 * Whether the kernel may merge datagrams on their way to a socket ({@code UDP_GRO}). It pauses after a message that may
 * be one datagram or several ({@link DropReason#UNDERLAY_AMBIGUOUS}): without it, every message is one datagram. When
 * such messages soon come again, the next pause is twice as long.
 *
 * <p>Messages that were merged before a pause arrive without a segment size during it and cannot be trusted: all
 * messages that wait then are {@linkplain #isStale dropped}.
 *
 * <p>Belongs to one worker; any thread may call {@link #offload}.
 */
final class Merging {
    /** Ticks of about a second. */
    static final int FIRST_PAUSE = 64;

    static final int LONGEST_PAUSE = 4096;

    private final UdpSocket socket;
    private final DropCounters drops;
    private final Offload checked;
    private volatile Offload offload;
    private long ambiguous;
    private int now = 1;
    private int resume;
    private int pause;
    private long staleBytes;

    /** @param checked whether the offload is on, and why it is not */
    Merging(UdpSocket socket, DropCounters drops, Offload checked) {
        this.socket = socket;
        this.drops = drops;
        this.checked = checked;
        offload = checked;
        ambiguous = drops.count(DropReason.UNDERLAY_AMBIGUOUS);
    }

    Offload offload() {
        return offload;
    }

    /** Advances by one tick; called about once a second. */
    void tick() throws LinuxException {
        now++;
        long count = drops.count(DropReason.UNDERLAY_AMBIGUOUS);
        if (count != ambiguous && offload.enabled()) {
            begin();
        } else if (now == resume && socket.gro(true)) {
            offload = checked;
        }
        ambiguous = count;
    }

    private void begin() throws LinuxException {
        boolean soonAgain = pause > 0 && now - resume < pause;
        pause = soonAgain ? Math.min(LONGEST_PAUSE, 2 * pause) : FIRST_PAUSE;
        resume = now + pause;
        socket.gro(false);
        staleBytes = socket.queuedBytes();
        offload = new Offload(
                checked.name(),
                false,
                "datagrams of different VNIs came merged (drop list: UNDERLAY_AMBIGUOUS); tried again within " + pause
                        + " s");
    }

    /**
     * Whether the kernel may have merged a message of {@code bytes} bytes, which was just received, before the pause
     * began.
     */
    boolean isStale(int bytes) {
        if (staleBytes <= 0) {
            return false;
        }
        staleBytes -= bytes;
        return true;
    }

    /** Records that no message waits any more. */
    void drained() {
        staleBytes = 0;
    }
}
