package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.control.Streamed;
import dev.peregrine.gateway.observe.tap.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what taps wrote of followed packets, and sends each packet when its way has ended. */
final class TraceReading implements Reading {
    private static final int PORTION = 4096;
    private static final long ALL = Long.MAX_VALUE / 2;

    private final List<RecordRing> rings;
    private final Trails trails = new Trails();
    private final Traced traced;
    private final @Nullable DropReason wanted;
    private long discarded;

    /** @param wanted the reason for which packets must have been dropped; null for all packets */
    TraceReading(List<RecordRing> rings, Traced traced, @Nullable DropReason wanted) {
        this.rings = rings;
        this.traced = traced;
        this.wanted = wanted;
    }

    @Override
    public long read(Streamed.Client client, long most, boolean isLast) {
        int portion = isLast ? Integer.MAX_VALUE : PORTION; // the last one cuts no trail
        for (RecordRing ring : rings) {
            ring.read(bytes -> trails.add(TraceEvent.of(bytes)), portion);
        }
        List<TracedPacket> packets = new ArrayList<>();
        trails.settle(isLast ? ALL : System.nanoTime(), events -> {
            if (packets.size() < most && Traced.hasDrop(events, wanted)) {
                packets.add(traced.packet(events));
            }
        });
        if (!packets.isEmpty()) {
            client.send(new Lines.Packets(packets));
        }
        return packets.size();
    }

    @Override
    public void discard() {
        rings.forEach(ring -> ring.read(bytes -> trails.add(TraceEvent.of(bytes)), Integer.MAX_VALUE));
        trails.settle(ALL, events -> discarded += Traced.hasDrop(events, wanted) ? 1 : 0);
    }

    @Override
    public long missed() {
        return discarded + rings.stream().mapToLong(RecordRing::missed).sum();
    }

    @Override
    public void close() {
        rings.forEach(RecordRing::close);
    }
}
