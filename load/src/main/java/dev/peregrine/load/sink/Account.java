package dev.peregrine.load.sink;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.load.DatagramReceiver;
import dev.peregrine.load.Sequences;
import dev.peregrine.load.Stamp;
import java.lang.foreign.MemorySegment;
import org.HdrHistogram.Histogram;

/**
 * Takes datagrams, reads their stamps, and keeps count of all that a receiver can know: packets, bytes, sequence
 * numbers per flow, latencies, ECN marks. One thread takes; the {@link Counter}s and {@link Sequences} totals may be
 * read by others meanwhile. Nothing is allocated per packet.
 */
final class Account implements DatagramReceiver.Taker {
    private static final long MAX_LATENCY_NANOS = 60_000_000_000L;
    private static final int ECN_MASK = 3;
    private static final int CE = 3;

    final Counter packets = new Counter();
    final Counter bytes = new Counter();
    final Counter foreign = new Counter();
    final Sequences sequences;
    final FlowTable flows;
    final Histogram latency = new Histogram(MAX_LATENCY_NANOS, 3);

    private final boolean vxlan;
    private final int vni;
    private long capable;
    private long congested;
    private long ahead;
    private long first;
    private long last;

    /**
     * An empty account.
     *
     * @param vxlan whether the datagrams are VXLAN, their inner payloads stamped
     * @param vni the only VNI that counts; -1: any
     * @param capacity flows whose sequence numbers are kept at a time
     */
    Account(boolean vxlan, int vni, int capacity) {
        this.vxlan = vxlan;
        this.vni = vni;
        flows = new FlowTable(capacity);
        sequences = new Sequences(capacity);
    }

    @Override
    public void take(MemorySegment memory, long position, int length, int tos, long now) {
        int payload = vxlan ? VxlanPayload.index(memory, position, length, vni) : 0;
        if (payload < 0 || length - payload < Stamp.LENGTH || !Stamp.isAt(memory, position + payload)) {
            foreign.add(1);
            return;
        }
        long stamp = position + payload;
        int slot = flows.slot(Stamp.flow(memory, stamp));
        if (slot < 0) {
            slot = ~slot;
            sequences.clear(slot);
        }
        sequences.count(slot, Stamp.sequence(memory, stamp));
        long age = Stamp.age(memory, stamp, now);
        if (age < 0) ahead++;
        latency.recordValue(Math.clamp(age, 0, MAX_LATENCY_NANOS));
        int ecn = tos & ECN_MASK;
        if (ecn == CE) congested++;
        else if (ecn != 0) capable++;
        if (packets.value() == 0) first = now;
        last = now;
        packets.add(1);
        bytes.add(length - payload);
    }

    /** From the first to the last packet. */
    double seconds() {
        return packets.value() == 0 ? 0 : (last - first) / 1e9;
    }

    /** By {@link System#nanoTime}; meaningless before the first packet. */
    long lastNanos() {
        return last;
    }

    /** Packets that were marked ECN-capable on arrival, on the underlay for VXLAN. */
    long capable() {
        return capable;
    }

    /** Packets that were marked CE. */
    long congested() {
        return congested;
    }

    /** Packets that came before they were sent: sender and receiver have different clocks. */
    long ahead() {
        return ahead;
    }
}
