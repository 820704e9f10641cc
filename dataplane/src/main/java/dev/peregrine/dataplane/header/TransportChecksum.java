package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * The checksum of TCP, UDP and ICMPv6 in a dissected frame. None of the methods looks into the fragments of a
 * superframe, whose checksum is always {@link dev.peregrine.dataplane.packet.Checksum#PARTIAL partial}.
 */
public final class TransportChecksum {
    private TransportChecksum() {}

    /**
     * Whether the checksum field of a TCP or UDP frame holds the folded, uncomplemented sum of the pseudo-header only:
     * what Linux leaves there when it counts on hardware to do the rest. The length in the pseudo-header is that of
     * the whole frame, also when the frame is to be cut.
     */
    public static boolean isPseudoHeaderOnly(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the checksum is right. True for UDP over IPv4 with checksum zero, which has none; false for fragments
     * and for everything but TCP, UDP and ICMPv6.
     */
    public static boolean verify(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /**
     * Computes the checksum of a plain TCP, UDP or ICMPv6 frame, whatever the field held before, and makes it {@link
     * dev.peregrine.dataplane.packet.Checksum#VERIFIED}. Fragments and other frames are left as they are.
     */
    public static void complete(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /** Index in the head where the bytes that the checksum covers begin: virtio's {@code csum_start}. */
    public static int csumStart(Packet packet) {
        return packet.transportIndex();
    }

    /** Distance of the checksum field from {@link #csumStart}: virtio's {@code csum_offset}; negative when unknown. */
    public static int csumOffset(Packet packet) {
        throw new UnsupportedOperationException();
    }
}
