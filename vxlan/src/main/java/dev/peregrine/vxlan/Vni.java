package dev.peregrine.vxlan;

/** The VXLAN network identifier (RFC 7348 section 5): an unsigned 24-bit number, kept as an int. */
public final class Vni {
    /** The largest VNI. */
    public static final int MAX = 0xff_ffff;

    private Vni() {}

    /** Whether {@code value} fits 24 bits. */
    public static boolean isValid(long value) {
        return value >= 0 && value <= MAX;
    }

    /**
     * Passes a valid VNI through.
     *
     * @throws IllegalArgumentException when it does not fit 24 bits
     */
    public static int requireValid(int vni) {
        if (!isValid(vni)) {
            throw new IllegalArgumentException("VNI " + vni + " is not within 0 to " + MAX);
        }
        return vni;
    }
}
