package dev.peregrine.testkit;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Underlay} over a {@link MemoryNetwork}, with the behaviour of a UDP socket: a bounded receive queue that
 * overflows ({@link DropReason#UNDERLAY_RECEIVE_OVERFLOW}), datagrams cut to the buffer ({@link
 * DropReason#UNDERLAY_TRUNCATED}), an empty pool that leaves them in the queue, and, optionally, adjacent datagrams of
 * one sender delivered in one buffer, as {@code UDP_GRO} does.
 *
 * <p>Belongs to one worker; datagrams may arrive from any thread.
 */
public final class MemoryUnderlay implements Underlay, MemoryNetwork.Host {
    private static final int MOST_MERGED = 64;
    private static final int FIRST_SOURCE_PORT = 49152;
    private static final int SOURCE_PORTS = 1 << 14;

    private final MemoryNetwork network;
    private final IpAddress local;
    private final VtepTable vteps;
    private final PacketPool pool;
    private final DropCounters drops;
    private final boolean gro;
    private final Queue<Datagram> queue;
    private final AtomicInteger overflow = new AtomicInteger();
    private final Wire wire = new Wire();
    private long sentDatagrams;

    /**
     * Connects to the network.
     *
     * @param local the address
     * @param capacity datagrams that the receive queue holds
     * @param gro whether adjacent datagrams of one sender come in one packet
     */
    public MemoryUnderlay(
            MemoryNetwork network,
            IpAddress local,
            VtepTable vteps,
            PacketPool pool,
            DropCounters drops,
            int capacity,
            boolean gro) {
        this.network = network;
        this.local = local;
        this.vteps = vteps;
        this.pool = pool;
        this.drops = drops;
        this.gro = gro;
        queue = new ArrayBlockingQueue<>(capacity);
        network.connect(local, this);
    }

    @Override
    public void receive(Datagram datagram) {
        if (!queue.offer(datagram)) {
            overflow.incrementAndGet();
        }
    }

    /** Datagrams that were sent so far, whether or not a host received them. */
    public long sentDatagrams() {
        return sentDatagrams;
    }

    @Override
    public int poll(Batch batch) {
        drops.add(DropReason.UNDERLAY_RECEIVE_OVERFLOW, overflow.getAndSet(0));
        int added = 0;
        while (!queue.isEmpty() && !batch.isFull()) {
            Packet packet = pool.acquire();
            if (packet == null) {
                break;
            }
            if (take(queue.remove(), packet)) {
                batch.add(packet);
                added++;
            }
        }
        return added;
    }

    private boolean take(Datagram datagram, Packet packet) {
        if (datagram.payload().length > packet.tailroom()) {
            drops.drop(packet, DropReason.UNDERLAY_TRUNCATED);
            return false;
        }
        Wire.fill(packet, datagram.payload());
        if (gro) {
            merge(datagram, packet);
        }
        IpAddress source = datagram.source();
        packet.inPort(vteps.port(source.high(), source.low()))
                .outerTos(datagram.tos())
                .outerTtl(datagram.ttl());
        return true;
    }

    /** Puts the datagrams that follow behind the first: all as long as it, but the last may be shorter. */
    private void merge(Datagram first, Packet packet) {
        int length = first.payload().length;
        int count = 0;
        int last = length;
        for (Datagram next = queue.peek();
                last == length && count + 1 < MOST_MERGED && follows(first, next, packet.tailroom());
                next = queue.peek()) {
            last = next.payload().length;
            Wire.fill(packet, queue.remove().payload());
            count++;
        }
        if (count > 0) {
            packet.trim(length).slices(packet.offset() + length, length, length, count, last);
        }
    }

    private static boolean follows(Datagram first, @Nullable Datagram next, int room) {
        return next != null
                && next.source().equals(first.source())
                && next.sourcePort() == first.sourcePort()
                && next.tos() == first.tos()
                && next.ttl() == first.ttl()
                && next.payload().length > 0
                && next.payload().length <= Math.min(room, first.payload().length);
    }

    @Override
    public boolean isReady() {
        return !queue.isEmpty();
    }

    @Override
    public void accept(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            RemoteVtep vtep = vteps.behind(packet.outPort());
            if (vtep == null) {
                drops.lose(packet, DropReason.PORT_UNKNOWN, packet.wirePackets());
            } else {
                send(packet, vtep.address());
            }
        }
        batch.release();
    }

    private void send(Packet packet, IpAddress destination) {
        int sourcePort = FIRST_SOURCE_PORT + Integer.remainderUnsigned(packet.flowHash(), SOURCE_PORTS);
        for (byte[] payload : wire.segments(packet)) {
            sentDatagrams++;
            network.send(new Datagram(local, destination, sourcePort, packet.outerTos(), packet.outerTtl(), payload));
        }
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public void close() {
        network.disconnect(local);
        queue.clear();
    }
}
