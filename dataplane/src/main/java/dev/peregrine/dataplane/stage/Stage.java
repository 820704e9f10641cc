package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;

/**
 * One step of packet processing. A stage decides: it reads and rewrites headers in place and gives every packet of
 * the batch a {@link dev.peregrine.dataplane.packet.Verdict}. It moves, copies, frees and counts nothing, and uses no
 * socket, thread, lock, clock or log; its {@link Node} acts. Owned by one worker.
 */
public interface Stage {
    /** Name within the device, as users see it: {@code decap}, {@code learn}. */
    String name();

    /**
     * Whether the stage has nothing to decide at present: its node then passes batches on by exit 0, without calling
     * the stage or counting. Called once per batch.
     */
    default boolean isIdle() {
        return false;
    }

    /**
     * Whether the verdict, with the entries that this stage writes on the packet's {@link
     * dev.peregrine.dataplane.packet.FlowRecording}, says all that the stage does for a packet. A flow cache never
     * skips a stage that returns false.
     */
    default boolean recordsFlow() {
        return false;
    }

    /** Sets the verdict of every packet of the batch. */
    void process(Batch batch);
}
