package dev.peregrine.dataplane.packet;

/** The knowledge about the transport checksum of a packet's inner frame. */
public enum Checksum {
    /** Nothing: the field stands as it was received. */
    UNKNOWN,
    /** The field was verified, or was computed here. */
    VERIFIED,
    /**
     * The field holds the folded, uncomplemented sum of the pseudo-header only, as Linux's {@code CHECKSUM_PARTIAL};
     * whoever sends the packet where nobody trusts it completes it. Every superframe is in this state.
     */
    PARTIAL
}
