package dev.peregrine.vxlan;

/** Explicit congestion notification through the tunnel, as tables over the two-bit ECN field (RFC 6040). */
final class Ecn {
    /** Bits of the ECN field within TOS or traffic class. */
    static final int MASK = 3;

    static final int NOT_ECT = 0;
    static final int ECT_1 = 1;
    static final int ECT_0 = 2;
    static final int CE = 3;

    /** The result of {@link #decap} for a packet that must be dropped. */
    static final int DROP = 4;

    /** RFC 6040 section 4.2, figure 4: a row for each inner field, a column for each outer one, both in code order. */
    private static final byte[] DECAP = {
        NOT_ECT, NOT_ECT, NOT_ECT, DROP,
        ECT_1, ECT_1, ECT_1, CE,
        ECT_0, ECT_1, ECT_0, CE,
        CE, CE, CE, CE,
    };

    private Ecn() {}

    /** The inner field after decap, or {@link #DROP}. Only the two low bits of the arguments count. */
    static int decap(int innerTos, int outerTos) {
        return DECAP[((innerTos & MASK) << 2) | (outerTos & MASK)];
    }

    /** The outer field at encap. Only the two low bits of the TOS count. */
    static int encap(int innerTos, TunnelSettings.EncapEcn mode) {
        int inner = innerTos & MASK;
        return inner == CE && mode == TunnelSettings.EncapEcn.RFC3168 ? ECT_0 : inner;
    }
}
