package dev.peregrine.dataplane.testing;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Sink;
import java.util.ArrayList;
import java.util.List;

/** Keeps the packets that it takes until {@link #release}. */
public final class CollectingSink implements Sink {
    private final List<Packet> packets = new ArrayList<>();
    private int batches;
    private long nowNanos;

    @Override
    public void accept(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            packets.add(batch.packet(i));
        }
        nowNanos = batch.nowNanos();
        batches++;
        batch.clear();
    }

    /** The packets in the order in which they came. */
    public List<Packet> packets() {
        return packets;
    }

    /** The only packet. */
    public Packet only() {
        if (packets.size() != 1) {
            throw new AssertionError("expected one packet, got " + packets);
        }
        return packets.getFirst();
    }

    /** The number of batches that came. */
    public int batches() {
        return batches;
    }

    /** The clock reading of the last batch. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Wire packets that came and have not been released. */
    public int segments() {
        return packets.stream().mapToInt(Packet::wirePackets).sum();
    }

    /** Gives all packets back to their pools. */
    public void release() {
        packets.forEach(packet -> packet.pool().release(packet));
        packets.clear();
    }
}
