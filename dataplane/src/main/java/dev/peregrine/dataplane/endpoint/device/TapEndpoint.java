package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;

/**
 * One worker's queue of a TAP device, see {@link VirtioEndpoint}. Allocates nothing after construction, except to
 * report an offload that it switched off.
 */
public final class TapEndpoint extends VirtioEndpoint {
    /**
     * The most segments of a superframe that is read; the device must be made with this number ({@code
     * TapBuilder.maxSegments}).
     */
    public static final int MAX_SEGMENTS = 64;

    /**
     * @param queue index of the queue, from 0
     * @param check the offloads not to use
     * @param pool the worker's pool
     * @param drops where the worker counts drops
     */
    public TapEndpoint(Tap tap, int queue, TapCheck check, PacketPool pool, DropCounters drops) {
        this(
                new TapQueue(tap, queue),
                new TapOffloadSwitches(tap.wantedOffloads(), tap.offloads(), check),
                pool,
                drops);
    }

    private TapEndpoint(TapQueue queue, TapOffloadSwitches offloads, PacketPool pool, DropCounters drops) {
        super(queue, new TapReader(queue, pool, drops), offloads, drops);
    }
}
