package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.underlay.Underlay;
import org.jspecify.annotations.Nullable;

/** In place of an underlay's sockets: gives what a source writes, and takes what is sent. Belongs to one worker. */
final class TrafficUnderlay implements Underlay {
    private final @Nullable MemorySource source;

    /** @param source null for a worker that receives nothing */
    TrafficUnderlay(@Nullable MemorySource source) {
        this.source = source;
    }

    @Override
    public int poll(Batch batch) {
        return source == null ? 0 : source.poll(batch);
    }

    @Override
    public boolean isReady() {
        return source != null && source.isReady();
    }

    @Override
    public void accept(Batch batch) {
        batch.release();
    }

    @Override
    public int fd() {
        return -1;
    }

    /** How long the worker may sleep if nobody raises it. */
    long nanosUntilDue() {
        return source == null ? Long.MAX_VALUE : source.nanosUntilDue();
    }

    /** Datagrams that the source has given; any thread may ask. */
    long sent() {
        return source == null ? 0 : source.sent();
    }

    /** Datagrams that found the source's ring full; any thread may ask. */
    long lost() {
        return source == null ? 0 : source.lost();
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
    }
}
