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
     * Whether the stage has nothing to decide at present: its node passes batches on by exit 0 as they are, without
     * asking and counting. Asked once per batch.
     */
    default boolean isIdle() {
        return false;
    }

    /**
     * Whether all that this stage does for a packet is told by its verdict and by what it writes on the packet's
     * {@link dev.peregrine.dataplane.packet.Trail}. No flow cache takes packets past another stage.
     */
    default boolean leavesTrail() {
        return false;
    }

    /** Sets the verdict of every packet of the batch. */
    void process(Batch batch);
}
