package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;

/**
 * Keeps a failure local. An exception or error of a sink is a bug, but it must cost no more than the sink's batch: the
 * packets left in the batch are dropped as {@link DropReason#STAGE_FAILED}, the failure is reported, and the caller
 * continues. Belongs to one worker.
 */
public final class Containment {
    private final DropCounters drops;
    private final FaultListener faults;

    /**
     * Contains failures on one worker.
     *
     * @param drops the worker's drop counters
     * @param faults receives each failure
     */
    public Containment(DropCounters drops, FaultListener faults) {
        this.drops = drops;
        this.faults = faults;
    }

    /** Hands a batch to a sink. The batch is empty on return, even if the sink fails. */
    public void pass(Sink sink, Batch batch) {
        try {
            sink.accept(batch);
            assert batch.isEmpty() : "the sink left packets in the batch";
        } catch (Throwable fault) {
            lose(sink.getClass().getSimpleName(), batch, fault);
        }
    }

    /** Drops the packets of a batch and reports why. */
    public void lose(String where, Batch batch, Throwable fault) {
        faults.failed(where, fault);
        drops.add(DropReason.STAGE_FAILED, batch.segments());
        batch.release();
    }
}
