package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.util.List;

/**
 * One worker's end of a device that takes and gives frames behind a virtio header, so that superframes pass whole as
 * far as the device's offloads allow; else they are cut. Closing the endpoint leaves the device open.
 *
 * <p>Drops of {@link #accept} are counted as {@link DropReason#ENDPOINT_FULL}, as {@link DropReason#ENDPOINT_REFUSED}
 * with the errno in {@link #lastErrno} (the interface is down, for one), or as {@link DropReason#PORT_DOWN} once the
 * device has gone.
 */
abstract class VirtioEndpoint implements Endpoint {
    private final DeviceQueue queue;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final TapOffloadSwitches offloads;

    /** {@code drops} is where the worker counts drops. */
    VirtioEndpoint(DeviceQueue queue, FrameReader reader, TapOffloadSwitches offloads, DropCounters drops) {
        this.queue = queue;
        this.reader = reader;
        this.offloads = offloads;
        writer = new FrameWriter(queue, offloads, drops);
    }

    @Override
    public final int poll(Batch batch) {
        return queue.isGone() ? 0 : reader.poll(batch);
    }

    @Override
    public final void accept(Batch batch) {
        writer.accept(batch);
    }

    @Override
    public final int fd() {
        return queue.fd();
    }

    @Override
    public final boolean isGone() {
        return queue.isGone();
    }

    @Override
    public final int lastErrno() {
        return queue.lastErrno();
    }

    @Override
    public final List<Offload> offloads() {
        return offloads.offloads();
    }

    @Override
    public final boolean hasRefusedOffloads() {
        return offloads.hasRefused();
    }

    @Override
    public final void tick(long nowNanos) {
        offloads.tick();
    }

    @Override
    public final void close() {
        reader.close();
        writer.close();
    }
}
