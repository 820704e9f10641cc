package dev.peregrine.fastpath.view;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Stage;

/**
 * A stage that sends packets of known flows past the chain, as those who observe it see it: they ask on the worker's
 * thread, between its {@link #process} and the next batch.
 */
public interface Lookup extends Stage {
    /** The outcome for the packet at an index of the batch, by the verdict on it. */
    LookupOutcome outcome(int index, Packet packet, int verdict);

    /** When the flow of a packet that is a hit was recorded, by the batches' clock. */
    long sinceNanos(int index);

    /**
     * Wire packets of the flow of a packet that is a hit which have taken the fast path since, this batch's included.
     */
    long passed(int index);
}
