package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.List;
import java.util.Set;

/**
 * One worker's end of an interface that exists already. Superframes pass whole, in both directions. Closing the
 * endpoint leaves the {@link PacketSocket} open.
 *
 * <p>Allocates nothing after construction, except to report an offload that it switched off, and to ask whether the
 * interface has gone when it fails.
 */
public final class InterfaceEndpoint implements Endpoint {
    /** The most segments of a superframe that is read: 64 KiB of the smallest TCP segments that Linux makes. */
    public static final int MAX_SEGMENTS = 65_536 / 48;

    private final InterfaceQueue queue;
    private final InterfaceReader reader;
    private final FrameWriter writer;
    private final TapOffloadSwitches offloads;

    /**
     * @param accepted offloads to use towards the interface; its kernel does what the hardware cannot
     * @param pool the worker's pool
     * @param drops where the worker counts drops
     */
    public InterfaceEndpoint(PacketSocket socket, Set<TapOffload> accepted, PacketPool pool, DropCounters drops) {
        queue = new InterfaceQueue(socket);
        offloads = new TapOffloadSwitches(accepted, accepted, TapCheck.none());
        reader = new InterfaceReader(queue, pool, drops);
        writer = new FrameWriter(queue, offloads, drops);
    }

    @Override
    public int poll(Batch batch) {
        return queue.isGone() ? 0 : reader.poll(batch);
    }

    /**
     * Drops are counted as {@link DropReason#ENDPOINT_FULL}, as {@link DropReason#ENDPOINT_REFUSED} with the errno in
     * {@link #lastErrno} (the interface is down, for one, or its MTU too small), or as {@link DropReason#PORT_DOWN}
     * once the interface has gone.
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
        reader.close();
        writer.close();
    }
}
