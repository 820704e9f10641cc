package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;

/**
 * Bounds the replies to each sender: at most {@value #BURST} at once, and {@value #PER_SECOND} a second. Each local
 * port has {@value #PLACES} places, and so have the tunnels of a segment, or of a few; senders that share a place share
 * its allowance. So all replies together are bounded, and a workload that invents senders uses up only its own port's
 * places. Belongs to one worker.
 */
final class ReplyLimit {
    static final int BURST = 20;
    static final int PER_SECOND = 20;

    private static final int PLACES = 4;
    private static final int TUNNEL_GROUPS = 64;
    private static final long INTERVAL_NANOS = 1_000_000_000L / PER_SECOND;
    private static final long AHEAD_NANOS = (BURST - 1) * INTERVAL_NANOS;

    private final int localPorts;

    /** The time at which each place has its whole allowance again: the generic cell rate algorithm (ITU-T I.371). */
    private final long[] full;

    private boolean begun;

    ReplyLimit(int localPorts) {
        this.localPorts = localPorts;
        full = new long[(localPorts + TUNNEL_GROUPS) * PLACES];
    }

    /** Takes one reply of the allowance of a sender behind a port; false when it is used up. */
    boolean take(int port, int segment, long mac, long nowNanos) {
        if (!begun) {
            begun = true;
            Arrays.fill(full, nowNanos);
        }
        int group = Ports.isTunnel(port) ? localPorts + segment % TUNNEL_GROUPS : port;
        int slot = group * PLACES + (((int) mac * Mix.GOLDEN_32) >>> 30);
        long ahead = Math.max(0, full[slot] - nowNanos);
        if (ahead > AHEAD_NANOS) {
            return false;
        }
        full[slot] = nowNanos + ahead + INTERVAL_NANOS;
        return true;
    }
}
