package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.Set;

/**
 * One worker's end of an interface that exists already, see {@link VirtioEndpoint}. It refuses frames also where its
 * MTU is too small. Allocates nothing after construction, except to report an offload that it switched off, and to ask
 * whether the interface has gone when it fails.
 */
public final class InterfaceEndpoint extends VirtioEndpoint {
    /** The most segments of a superframe that is read: 64 KiB of the smallest TCP segments that Linux makes. */
    public static final int MAX_SEGMENTS = 65_536 / 48;

    /**
     * @param accepted offloads to use towards the interface; its kernel does what the hardware cannot
     * @param pool the worker's pool
     * @param drops where the worker counts drops
     */
    public InterfaceEndpoint(PacketSocket socket, Set<TapOffload> accepted, PacketPool pool, DropCounters drops) {
        this(new InterfaceQueue(socket), accepted, pool, drops);
    }

    private InterfaceEndpoint(InterfaceQueue queue, Set<TapOffload> accepted, PacketPool pool, DropCounters drops) {
        super(
                queue,
                new InterfaceReader(queue, pool, drops),
                new TapOffloadSwitches(accepted, accepted, TapCheck.none()),
                drops);
    }
}
