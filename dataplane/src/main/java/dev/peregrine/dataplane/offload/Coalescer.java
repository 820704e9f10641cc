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
import java.util.function.Supplier;

/**
 * Generic receive offload: turns the datagrams that a tunnel's socket received into dissected frames and superframes.
 *
 * <p><b>In:</b> packets whose head is a datagram (a tunnel header of fixed length and an inner Ethernet frame) and
 * whose fragments, if any, are further whole datagrams, as {@code UDP_GRO} delivers them. <b>Out:</b> dissected packets
 * that still begin with the tunnel header:
 *
 * <ul>
 *   <li>adjacent datagrams that hold segments of one flow, by the rules of {@link Run}, as one superframe;
 *   <li>a single datagram whose TCP segment exceeds the MTU of its own network, from a kernel that left segmentation to
 *       hardware, as a superframe of segments that fit;
 *   <li>a message that {@link MergedMessage} judges to be one superframe, as such: the kernel then reported the inner
 *       segment size in place of the datagrams' size;
 *   <li>everything else as single packets with unchanged bytes, which share the receive buffer.
 * </ul>
 *
 * <p>A checksum that holds the bare pseudo-header sum is {@link Checksum#PARTIAL}, as is every superframe's (see
 * {@link TransportChecksum} for the value); others are {@link Checksum#UNKNOWN}. A wrong one is never replaced.
 * Allocates nothing; belongs to one worker.
 */
public final class Coalescer implements Sink {
    /** The n of which one batch in n is timed. */
    private static final int TIMED_BATCHES = 64;

    private static final int PREFIX_LENGTH = TunnelHeaders.LENGTH;

    private final Supplier<? extends TunnelHeaders> published;
    private final boolean merging;
    private final boolean fromWire;
    private final DropCounters drops;
    private final Counters counters;
    private final Sink next;

    private final Batch out = new Batch();
    private final Aggregate aggregate = new Aggregate();
    private final Run run = new Run(PREFIX_LENGTH);
    private final Ipv4Header ipv4 = new Ipv4Header();
    private TunnelHeaders headers;
    private int lostPackets;
    private boolean timing;
    private int emitted;
    private long laterNanos;

    /**
     * A coalescer in front of {@code next}.
     *
     * @param published gives the current meaning of tunnel headers; called once per batch
     * @param merging whether adjacent datagrams may be merged
     * @param fromWire whether all messages come from a wire, so that the kernel merged only datagrams; otherwise see
     *     {@link MergedMessage}
     * @param drops counts {@link DropReason#POOL_EMPTY}, when no view is left, and messages that are ambiguous or
     *     cannot be cut
     * @param counters counts the output, in wire packets and in wire bytes with tunnel headers, and the drops; both
     *     count as arrived
     */
    public Coalescer(
            Supplier<? extends TunnelHeaders> published,
            boolean merging,
            boolean fromWire,
            DropCounters drops,
            Counters counters,
            Sink next) {
        this.published = published;
        headers = published.get();
        this.merging = merging;
        this.fromWire = fromWire;
        this.drops = drops;
        this.counters = counters;
        this.next = next;
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

    /** Measures the time without that of the sinks behind it. */
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
        headers = published.get();
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
            return;
        }
        // Datagrams that were received separately have gaps between them: then there is nothing to judge.
        boolean isJudged = !fromWire && packet.isContiguous();
        switch (isJudged ? MergedMessage.of(packet, headers) : MergedMessage.DATAGRAMS) {
            case DATAGRAMS -> split(packet);
            case FRAME -> passFrameInPieces(packet);
            case AMBIGUOUS -> drop(packet, DropReason.UNDERLAY_AMBIGUOUS, packet.wirePackets());
        }
    }

    private void passDatagram(Packet packet) {
        Dissector.dissect(packet, PREFIX_LENGTH);
        int network = packet.networkIndex();
        if (packet.headLength() - network > headers.leastMtu() && packet.protocol() == IpProtocol.TCP) {
            int mtu = headers.mtuOf(packet.getLong(0));
            if (packet.headLength() - network > mtu) {
                cut(packet, mtu + network - Dissector.payloadIndex(packet));
            }
        }
        if (packet.checksum() == Checksum.UNKNOWN && TransportChecksum.isPseudoHeaderOnly(packet)) {
            packet.checksum(Checksum.PARTIAL);
        }
        emit(packet);
    }

    private void passFrameInPieces(Packet packet) {
        int segmentSize = packet.headLength();
        int pieces = packet.wirePackets();
        packet.view(packet.floor(), packet.offset(), packet.length());
        Dissector.dissect(packet, PREFIX_LENGTH);
        if (cut(packet, segmentSize)) {
            emit(packet);
        } else {
            drop(packet, DropReason.SUPERFRAME_UNSUPPORTED, pieces);
        }
    }

    /**
     * Makes a contiguous frame a superframe, if it is TCP or UDP without padding whose checksum can be trusted; returns
     * whether it is.
     */
    private boolean cut(Packet packet, int segmentSize) {
        int payload = Dissector.payloadIndex(packet);
        if (payload < 0 || segmentSize <= 0 || Dissector.ipEnd(packet) != packet.headLength()) {
            return false;
        }
        if (Dissector.isIpv4(packet)
                && !ipv4.wrap(packet, packet.networkIndex()).hasValidChecksum()) {
            return false;
        }
        if (TransportChecksum.isPseudoHeaderOnly(packet)
                || (TransportChecksum.isPresent(packet) && TransportChecksum.verify(packet))) {
            TransportChecksum.makePartial(packet);
            packet.cut(payload, segmentSize);
            return true;
        }
        return false;
    }

    private void split(Packet packet) {
        aggregate.wrap(packet);
        int from = 0;
        while (from < aggregate.size()) {
            int end = merging ? run.gather(aggregate, from) : from + 1;
            Packet view = end == aggregate.size() ? packet : packet.pool().share(packet);
            if (view == null) {
                lose(DropReason.POOL_EMPTY, end - from);
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
            view.slices(
                    aggregate.position(from + 1) + header,
                    aggregate.stride(),
                    aggregate.length(from) - header,
                    last - from,
                    aggregate.length(last) - header);
        }
        Dissector.dissect(view, PREFIX_LENGTH);
        boolean partial = end - from > 1 || TransportChecksum.isPseudoHeaderOnly(view);
        return view.checksum(partial ? Checksum.PARTIAL : Checksum.UNKNOWN);
    }

    private void drop(Packet packet, DropReason reason, int datagrams) {
        lose(reason, datagrams);
        drops.show(null, packet, reason);
        packet.pool().release(packet);
    }

    private void lose(DropReason reason, int datagrams) {
        lostPackets += datagrams;
        drops.add(reason, datagrams);
        counters.dropped(datagrams);
    }

    private void emit(Packet packet) {
        out.add(packet);
        if (out.isFull()) {
            flush();
        }
    }

    private void flush() {
        if (out.isEmpty() && lostPackets == 0) {
            return;
        }
        long bytes = 0;
        int segments = 0;
        for (int i = 0; i < out.size(); i++) {
            Packet packet = out.packet(i);
            bytes += packet.wireBytes();
            segments += packet.wirePackets();
        }
        counters.arrived(out.size() + lostPackets, segments + lostPackets);
        counters.bytes(bytes);
        lostPackets = 0;
        if (out.isEmpty()) {
            return;
        }
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
