package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;
import java.util.function.IntSupplier;

/**
 * Generic receive offload: turns what a tunnel's socket received into dissected frames and superframes.
 *
 * <p><b>In:</b> packets whose head is a datagram (a tunnel header of fixed length and an inner Ethernet frame) and
 * whose fragments, if any, are further whole datagrams, as {@code UDP_GRO} delivers them. <b>Out:</b> dissected packets
 * that still begin with the tunnel header:
 *
 * <ul>
 *   <li>adjacent datagrams that hold segments of one flow, by the rules of {@link Run}, as one superframe;
 *   <li>a single datagram whose TCP segment exceeds the overlay's MTU, from a kernel that left the cutting to
 *       hardware, as a superframe of segments that fit;
 *   <li>an "aggregate" whose first inner IP packet is as long as all of it, as one superframe: the kernel then
 *       reported the inner segment size in place of the datagrams' size;
 *   <li>everything else as single packets with their bytes untouched, which share the receive buffer.
 * </ul>
 *
 * <p>A checksum that holds the bare pseudo-header sum is {@link Checksum#PARTIAL}, as is every superframe's (see
 * {@link TransportChecksum} for the value); others are {@link Checksum#UNKNOWN}. A wrong one is never replaced.
 * Allocates nothing; belongs to one worker.
 */
public final class Coalescer implements Sink {
    /** The n of which one batch in n is timed. */
    private static final int TIMED_BATCHES = 64;

    private final int prefixLength;
    private final IntSupplier segmentLengths;
    private final boolean merging;
    private final DropCounters drops;
    private final Counters counters;
    private final Sink next;

    private final Batch out = new Batch();
    private final Aggregate aggregate = new Aggregate();
    private final Run run;
    private final Ipv4Header ipv4 = new Ipv4Header();
    private int segmentLength;
    private int lostPackets;
    private boolean timing;
    private int emitted;
    private long laterNanos;

    /** A coalescer for an overlay whose MTU stays: as with a supplier of always the same. */
    public Coalescer(
            int prefixLength, int segmentLength, boolean merging, DropCounters drops, Counters counters, Sink next) {
        this(prefixLength, () -> segmentLength, merging, drops, counters, next);
    }

    /**
     * A coalescer in front of {@code next}.
     *
     * @param prefixLength bytes of tunnel header in front of every inner frame, compared as opaque bytes
     * @param segmentLengths the largest inner frame, Ethernet header included, that fits the overlay's MTU: what single
     *     TCP segments are cut to; asked once per batch
     * @param merging whether adjacent datagrams may be merged
     * @param drops counts {@link DropReason#POOL_EMPTY}, when no view is left
     * @param counters counts what comes out, in wire packets and in wire bytes with tunnel headers, and what is
     *     dropped; both count as arrived
     */
    public Coalescer(
            int prefixLength,
            IntSupplier segmentLengths,
            boolean merging,
            DropCounters drops,
            Counters counters,
            Sink next) {
        this.prefixLength = prefixLength;
        this.segmentLengths = segmentLengths;
        this.merging = merging;
        this.drops = drops;
        this.counters = counters;
        this.next = next;
        run = new Run(prefixLength);
    }

    @Override
    public void accept(Batch batch) {
        timing = counters.batches() % TIMED_BATCHES == 0;
        if (timing) {
            acceptTimed(batch);
        } else {
            coalesce(batch);
        }
    }

    /** Takes the time without that of what follows. */
    private void acceptTimed(Batch batch) {
        emitted = 0;
        laterNanos = 0;
        long begin = System.nanoTime();
        coalesce(batch);
        if (emitted > 0) {
            counters.timed(emitted, System.nanoTime() - begin - laterNanos);
        }
    }

    private void coalesce(Batch batch) {
        out.nowNanos(batch.nowNanos());
        segmentLength = segmentLengths.getAsInt();
        int taken = 0;
        try {
            for (; taken < batch.size(); taken++) {
                take(batch.packet(taken));
            }
        } finally {
            batch.forget(taken);
            flush();
        }
    }

    private void take(Packet packet) {
        if (!packet.isSuperframe()) {
            passDatagram(packet);
        } else if (isOneFrame(packet)) {
            passFrameInPieces(packet);
        } else {
            split(packet);
        }
    }

    private void passDatagram(Packet packet) {
        Dissector.dissect(packet, prefixLength);
        boolean tooLong = packet.headLength() - prefixLength > segmentLength;
        if (tooLong && packet.protocol() == IpProtocol.TCP) {
            cut(packet, segmentLength + prefixLength - Dissector.payloadIndex(packet));
        }
        if (packet.checksum() == Checksum.UNKNOWN && TransportChecksum.isPseudoHeaderOnly(packet)) {
            packet.checksum(Checksum.PARTIAL);
        }
        emit(packet);
    }

    /** Whether the pieces of a packet are no datagrams, but one frame: its IP length says that it ends with them. */
    private boolean isOneFrame(Packet packet) {
        if (!packet.isContiguous()) {
            return false;
        }
        Dissector.dissect(packet, prefixLength);
        return Dissector.ipEnd(packet) == packet.length();
    }

    private void passFrameInPieces(Packet packet) {
        int segmentSize = packet.headLength();
        packet.view(packet.floor(), packet.offset(), packet.length());
        Dissector.dissect(packet, prefixLength);
        cut(packet, segmentSize);
        emit(packet);
    }

    /** Makes a contiguous frame a superframe, if it is TCP or UDP without padding whose checksum can be trusted. */
    private void cut(Packet packet, int segmentSize) {
        int payload = Dissector.payloadIndex(packet);
        if (payload < 0 || segmentSize <= 0 || Dissector.ipEnd(packet) != packet.headLength()) {
            return;
        }
        if (Dissector.isIpv4(packet)
                && !ipv4.wrap(packet, packet.networkIndex()).hasValidChecksum()) {
            return;
        }
        if (TransportChecksum.isPseudoHeaderOnly(packet)
                || (TransportChecksum.isPresent(packet) && TransportChecksum.verify(packet))) {
            TransportChecksum.makePartial(packet);
            packet.cut(payload, segmentSize);
        }
    }

    private void split(Packet packet) {
        aggregate.wrap(packet);
        int from = 0;
        while (from < aggregate.size()) {
            int end = merging ? run.gather(aggregate, from) : from + 1;
            Packet view = end == aggregate.size() ? packet : packet.pool().share(packet);
            if (view == null) {
                lose(end - from);
            } else {
                emit(presentOrGiveBack(view, packet, from, end));
            }
            from = end;
        }
    }

    /** Where presenting fails, the packet stays the caller's, and its view must not get lost. */
    private Packet presentOrGiveBack(Packet view, Packet packet, int from, int end) {
        try {
            return present(view, from, end);
        } catch (Throwable fault) {
            if (view != packet) {
                view.pool().release(view);
            }
            throw fault;
        }
    }

    /** Makes {@code view} the packet of datagrams {@code from} to {@code end - 1}, merged if there are several. */
    private Packet present(Packet view, int from, int end) {
        int last = end - 1;
        view.view(aggregate.floor(from), aggregate.position(from), aggregate.length(from), aggregate.ceiling(last));
        if (end - from > 1) {
            int header = run.headerLength();
            run.seal();
            view.fragments(
                    aggregate.position(from + 1) + header,
                    aggregate.stride(),
                    aggregate.length(from) - header,
                    last - from,
                    aggregate.length(last) - header);
        }
        Dissector.dissect(view, prefixLength);
        boolean partial = end - from > 1 || TransportChecksum.isPseudoHeaderOnly(view);
        return view.checksum(partial ? Checksum.PARTIAL : Checksum.UNKNOWN);
    }

    private void lose(int datagrams) {
        lostPackets += datagrams;
        drops.add(DropReason.POOL_EMPTY, datagrams);
        counters.dropped(datagrams);
    }

    private void emit(Packet packet) {
        out.add(packet);
        if (out.isFull()) {
            flush();
        }
    }

    private void flush() {
        if (out.isEmpty()) {
            return;
        }
        long bytes = 0;
        int segments = 0;
        for (int i = 0; i < out.size(); i++) {
            Packet packet = out.packet(i);
            bytes += packet.wireBytes();
            segments += packet.segments();
        }
        counters.arrived(out.size() + lostPackets, segments + lostPackets);
        counters.bytes(bytes);
        lostPackets = 0;
        if (timing) {
            passOnTimed();
        } else {
            next.accept(out);
        }
    }

    private void passOnTimed() {
        emitted += out.size();
        long begin = System.nanoTime();
        next.accept(out);
        laterNanos += System.nanoTime() - begin;
    }
}
