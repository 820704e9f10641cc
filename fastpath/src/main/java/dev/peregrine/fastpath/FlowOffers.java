package dev.peregrine.fastpath;

import java.util.function.Consumer;

/**
 * The flows that one worker offers to the tier below its cache: those whose packets come again and again. A ring of
 * fixed size: the worker fills, the control thread takes. While it is full, flows wait for another time.
 *
 * <p>From the tunnel, flows that come as superframes are not offered: packets that the kernel has merged are cheaper in
 * user space than one by one in the kernel. Where the tier takes superframes, they are.
 */
public final class FlowOffers {
    private static final int PLACES = 256;

    /** Lone packets, with no superframe between them, that make an offer. */
    public static final int ENOUGH = 16;

    /** Lone packets before the next offer of the same flow, which the tier may have refused or lost. */
    private static final int PATIENCE = 128;

    private final FlowOffer[] ring = new FlowOffer[PLACES];
    private final boolean takesMerged;
    private int next;
    private int taken;

    /**
     * No offers.
     *
     * @param takesMerged whether the tier takes superframes from the tunnel
     */
    public FlowOffers(boolean takesMerged) {
        this.takesMerged = takesMerged;
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new FlowOffer();
        }
    }

    /** A superframe of an entry, from the tunnel, took the fast path. On the worker's thread. */
    void passedMerged(FlowDecisions flows, int entry, FlowAction action, int packets, int flowHash) {
        if (takesMerged) {
            passed(flows, entry, action, packets, flowHash);
        } else {
            flows.decision(entry, FlowDecisions.ALONE, 0);
        }
    }

    /** Packets of an entry took the fast path. On the worker's thread. */
    void passed(FlowDecisions flows, int entry, FlowAction action, int packets, int flowHash) {
        long alone = flows.decision(entry, FlowDecisions.ALONE) + packets;
        if (alone >= ENOUGH) {
            FlowOffer place = ring[next];
            if (!place.isOffered) {
                place.fill(flows, entry, action, flowHash);
                place.isOffered = true;
                next = next + 1 == PLACES ? 0 : next + 1;
                alone = -PATIENCE;
            }
        }
        flows.decision(entry, FlowDecisions.ALONE, alone);
    }

    /** Shows what is offered now, each offer once. On one thread, the control thread. */
    public void take(Consumer<FlowOffer> taker) {
        for (int i = 0; i < PLACES && ring[taken].isOffered; i++) {
            FlowOffer offer = ring[taken];
            taken = taken + 1 == PLACES ? 0 : taken + 1;
            try {
                taker.accept(offer);
            } finally {
                offer.isOffered = false;
            }
        }
    }
}
