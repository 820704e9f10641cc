package dev.peregrine.fastpath.kernel.table;

/** Why a program did not send a packet past the gateway. Counted in wire packets. */
public enum Outcome {
    /** No such flow. */
    UNKNOWN_FLOW,
    /** Tables, or the state of its flow, have changed since the decision. */
    OUT_OF_DATE,
    /** Earlier packets of its flow, or of one with the same order counter, have not left the gateway yet. */
    UNSETTLED,
    /**
     * The chain must see it: TCP segments that open or close, too long, congestion marks that only the chain treats.
     */
    WALKS,
    /**
     * A superframe, or another packet of its flow: the kernel's VXLAN device takes it out of the tunnel first. Not
     * slow.
     */
    TO_HELPER,
    /** The kernel refused to change the frame: dropped. */
    REFUSED,
    /** Its decision ended while it was at the helper device: dropped. */
    LATE,
    /** A superframe from the tunnel that no program can take apart. */
    MERGED,
    /** As {@link #UNSETTLED}, while the gateway sheds such packets: dropped. See {@link KernelFlows#shedUntil}. */
    SHED;

    /** Where it is among the counters. */
    @SuppressWarnings("EnumOrdinal") // programs and gateway are of one build
    public int index() {
        return ordinal();
    }
}
