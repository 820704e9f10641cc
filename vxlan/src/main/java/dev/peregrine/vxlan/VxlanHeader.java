package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.HeaderView;
import dev.peregrine.dataplane.packet.Packet;

/**
 * A view over the VXLAN header (RFC 7348 section 5).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |R|R|R|R|I|R|R|R|                   Reserved                    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |            VXLAN network identifier (VNI)     |   Reserved    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class VxlanHeader extends HeaderView {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** The reserved bits of the header, read as one 64-bit value. */
    public static final long RESERVED_MASK = 0xf7ff_ffff_0000_00ffL;

    private static final long I_FLAG = 0x0800_0000_0000_0000L;
    private static final int VNI = 4;
    private static final int VNI_SHIFT = 8;

    /** Moves the view over the header at {@code index} of the head. */
    public VxlanHeader wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** Whether the I flag is set: the VNI is valid. */
    public boolean hasVni() {
        return hasVni(getLong(0));
    }

    /** As {@link #hasVni()}, of a header as one 64-bit value. */
    public static boolean hasVni(long header) {
        return (header & I_FLAG) != 0;
    }

    /** As {@link #vni()}, of a header as one 64-bit value. */
    public static int vni(long header) {
        return (int) header >>> VNI_SHIFT;
    }

    /** Whether any of {@code bits}, a subset of {@link #RESERVED_MASK}, is set. */
    public boolean hasAny(long bits) {
        return (getLong(0) & bits) != 0;
    }

    /** The VNI, 0 to {@link Vni#MAX}; meaningless without the I flag. */
    public int vni() {
        return getInt(VNI) >>> VNI_SHIFT;
    }

    /** Writes a header with the I flag, the VNI, and zeros in all reserved bits. */
    public void write(int vni) {
        setLong(0, of(vni));
    }

    /** The bytes of the header that {@link #write} writes, as one value. */
    public static long of(int vni) {
        return I_FLAG | ((long) vni << VNI_SHIFT);
    }
}
