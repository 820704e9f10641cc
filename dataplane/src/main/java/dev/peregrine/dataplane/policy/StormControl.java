package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Limits on BUM frames, of one port or of one VNI: broadcast, unknown unicast and multicast have a
 * {@link TokenBucket} each.
 *
 * <p>Frames count as they arrive, before they are copied. The FDB decides whether a unicast frame is unknown, so the
 * caller passes that in; the destination MAC address shows broadcast and multicast. A frame that must pass the limits
 * of its port and of its VNI is checked at the port first: frames that a noisy port loses there do not use the VNI's
 * limit. Shared by all workers; any thread may call.
 */
public final class StormControl {
    private final @Nullable TokenBucket broadcast;
    private final @Nullable TokenBucket unknownUnicast;
    private final @Nullable TokenBucket multicast;

    /** Limits for each kind of frame; null for a kind without one. */
    public StormControl(
            @Nullable TokenBucket broadcast, @Nullable TokenBucket unknownUnicast, @Nullable TokenBucket multicast) {
        this.broadcast = broadcast;
        this.unknownUnicast = unknownUnicast;
        this.multicast = multicast;
    }

    /** Whether a frame to a group address is within its limit, and if so pays for it; other frames always are. */
    public boolean admitGroup(Packet packet, long nowNanos) {
        long destination = packet.getMac(EthernetHeader.DESTINATION);
        if (!EthernetHeader.isGroup(destination)) {
            return true;
        }
        return admit(destination == EthernetHeader.BROADCAST ? broadcast : multicast, packet, nowNanos);
    }

    /** Whether a unicast frame that has to be flooded is within the limit, and if so pays for it. */
    public boolean admitUnknownUnicast(Packet packet, long nowNanos) {
        return admit(unknownUnicast, packet, nowNanos);
    }

    private static boolean admit(@Nullable TokenBucket bucket, Packet packet, long nowNanos) {
        return bucket == null || bucket.admit(packet, nowNanos);
    }
}
