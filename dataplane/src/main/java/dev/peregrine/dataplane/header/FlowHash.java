package dev.peregrine.dataplane.header;

/** The arithmetic of the flow hash: multiplications and shifts, with a finalizer that lets each bit reach all. */
final class FlowHash {
    private static final long STEP = 0x9e37_79b9_7f4a_7c15L;
    private static final long FINAL_1 = 0xff51_afd7_ed55_8ccdL;
    private static final long FINAL_2 = 0xc4ce_b9fe_1a85_ec53L;

    private FlowHash() {}

    /** Takes one more value into a hash under way. */
    static long mix(long hash, long value) {
        long mixed = (hash ^ Long.rotateLeft(value, 29)) * STEP;
        return mixed ^ (mixed >>> 32);
    }

    /** Ports and protocol as one value. */
    static long ends(int protocol, int ports) {
        return ((ports & 0xffff_ffffL) << 8) | protocol;
    }

    /** The hash of two values, never 0. */
    static int of(long addresses, long ends) {
        long hash = mix(mix(STEP, addresses), ends);
        hash = (hash ^ (hash >>> 33)) * FINAL_1;
        hash = (hash ^ (hash >>> 33)) * FINAL_2;
        int folded = (int) (hash ^ (hash >>> 32));
        return folded == 0 ? 1 : folded;
    }
}
