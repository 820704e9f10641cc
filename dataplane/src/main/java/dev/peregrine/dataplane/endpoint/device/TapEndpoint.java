package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.List;

/**
 * One worker's queue of a TAP device. Superframes pass whole, in both directions, as far as the device's offloads
 * allow; else they are cut. Closing the endpoint leaves the {@link Tap} open.
 *
 * <p>Allocates nothing after construction, except to report an offload that it switched off.
 */
public final class TapEndpoint implements Endpoint {
    /**
     * The most segments of a superframe that is read; the device must be made with this number ({@code
     * TapBuilder.maxSegments}).
     */
    public static final int MAX_SEGMENTS = 64;

    private final TapQueue queue;
    private final TapReader reader;
    private final FrameWriter writer;
    private final TapOffloadSwitches offloads;

    /**
     * @param queue index of the queue, from 0
     * @param check the offloads not to use
     * @param pool the worker's pool
     * @param drops where the worker counts drops
     */
    public TapEndpoint(Tap tap, int queue, TapCheck check, PacketPool pool, DropCounters drops) {
        this.queue = new TapQueue(tap, queue);
        offloads = new TapOffloadSwitches(tap.wantedOffloads(), tap.offloads(), check);
        reader = new TapReader(this.queue, pool, drops);
        writer = new FrameWriter(this.queue, offloads, drops);
    }

    @Override
    public int poll(Batch batch) {
        return queue.isGone() ? 0 : reader.poll(batch);
    }

    /**
     * Drops are counted as {@link DropReason#ENDPOINT_FULL}, as {@link DropReason#ENDPOINT_REFUSED} with the errno in
     * {@link #lastErrno} (the interface is down, for one), or as {@link DropReason#PORT_DOWN} once the device has gone.
     */
    @Override
    public void accept(Batch batch) {
        writer.accept(batch);
    }

    @Override
    public int fd() {
        return queue.fd();
    }

    @Override
    public boolean isGone() {
        return queue.isGone();
    }

    @Override
    public int lastErrno() {
        return queue.lastErrno();
    }

    @Override
    public List<Offload> offloads() {
        return offloads.offloads();
    }

    @Override
    public boolean hasRefusedOffloads() {
        return offloads.hasRefused();
    }

    @Override
    public void tick(long nowNanos) {
        offloads.tick();
    }

    @Override
    public void close() {
        writer.close();
    }
}
