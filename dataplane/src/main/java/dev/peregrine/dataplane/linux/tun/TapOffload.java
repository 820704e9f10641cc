package dev.peregrine.dataplane.linux.tun;

import java.util.Collection;

/**
 * Work that a TAP device may leave to whoever reads from it. Segmentation needs {@link #CHECKSUM}. Writes are not
 * affected: superframes with a fitting {@code virtio_net_hdr} are always taken, UDP ones from Linux 6.2 on.
 */
public enum TapOffload {
    /** Frames may carry partial checksums ({@code NEEDS_CSUM}). */
    CHECKSUM(1),
    /** TCP over IPv4 superframes. */
    TSO4(2),
    /** TCP over IPv6 superframes. */
    TSO6(4),
    /** TCP superframes with CWR. */
    TSO_ECN(8),
    /** UDP superframes over IPv4 and IPv6: the kernel refuses one without the other. */
    USO(0x60);

    private final int bits;

    TapOffload(int bits) {
        this.bits = bits;
    }

    /** The {@code TUN_F_} bits. */
    static int bits(Collection<TapOffload> offloads) {
        return offloads.stream().mapToInt(offload -> offload.bits).reduce(0, (a, b) -> a | b);
    }
}
