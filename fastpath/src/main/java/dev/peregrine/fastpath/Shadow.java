package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.fastpath.view.Mismatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares the fast path with the chain: a chosen hit walks the chain as if its flow were unknown, and the fast path is
 * applied to a copy. Only the packet that the chain sends leaves, and only that is counted.
 */
final class Shadow {
    private final FlowCounters counters;
    private final Epoch epoch;
    private final Consumer<Mismatch> told;
    private int pending;

    /** {@code told} receives each mismatch, on the worker's thread. */
    Shadow(FlowCounters counters, Epoch epoch, Consumer<Mismatch> told) {
        this.counters = counters;
        this.epoch = epoch;
        this.told = told;
    }

    /** Takes over the copy to compare with a walk. */
    void begin(Observation observation, Packet twin) {
        observation.twin = twin;
        pending++;
    }

    /** Compares a packet at the end of its walk with its copy, unless tables have changed on the way. */
    void compare(Observation observation, Packet twin, Packet packet) {
        if (epoch.isCurrent(twin.segment(), observation.since)) {
            counters.compared.add(packet.wirePackets());
            String difference = difference(packet, twin);
            if (difference != null) {
                mismatch(difference, head(packet), twin);
            }
        }
        settle(observation, twin);
    }

    /** Finds packets that the chain never sent although the fast path would have. */
    void check(Observation[] observations) {
        for (int i = 0; pending > 0 && i < observations.length; i++) {
            Observation observation = observations[i];
            Packet twin = observation.twin;
            if (twin != null && !observation.recording.isTaken()) {
                if (epoch.isCurrent(twin.segment(), observation.since)) {
                    counters.compared.add(twin.wirePackets());
                    mismatch("the chain did not send it", new byte[0], twin);
                }
                settle(observation, twin);
            }
        }
    }

    private void settle(Observation observation, Packet twin) {
        observation.twin = null;
        pending--;
        twin.pool().release(twin);
    }

    private void mismatch(String what, byte[] chain, Packet twin) {
        counters.mismatches.add(twin.wirePackets());
        told.accept(new Mismatch(what, chain, head(twin)));
    }

    /** The difference between the two; null without one. */
    private static @Nullable String difference(Packet packet, Packet twin) {
        if (packet.outPort() != twin.outPort()) {
            return "egress port " + packet.outPort() + ", not " + twin.outPort();
        }
        if (packet.inPort() != twin.inPort() || packet.segment() != twin.segment()) {
            return "ingress port or segment";
        }
        if (packet.outerTos() != twin.outerTos() || packet.outerTtl() != twin.outerTtl()) {
            return "outer TOS or TTL";
        }
        if (packet.headLength() != twin.headLength()
                || packet.length() != twin.length()
                || packet.wirePackets() != twin.wirePackets()
                || packet.networkIndex() != twin.networkIndex()) {
            return "length";
        }
        long at = MemorySegment.mismatch(
                packet.memory(),
                packet.offset(),
                packet.offset() + packet.headLength(),
                twin.memory(),
                twin.offset(),
                twin.offset() + twin.headLength());
        if (at >= 0) {
            return "byte " + at;
        }
        return payloadsDiffer(packet, twin) ? "payload" : null;
    }

    private static boolean payloadsDiffer(Packet packet, Packet twin) {
        for (int i = 0; i < packet.sliceCount(); i++) {
            int length = packet.sliceLength(i);
            long ours = packet.sliceOffset(i);
            long theirs = twin.sliceOffset(i);
            if (length != twin.sliceLength(i)
                    || MemorySegment.mismatch(
                                    packet.memory(), ours, ours + length, twin.memory(), theirs, theirs + length)
                            >= 0) {
                return true;
            }
        }
        return false;
    }

    private static byte[] head(Packet packet) {
        return packet.memory().asSlice(packet.offset(), packet.headLength()).toArray(ValueLayout.JAVA_BYTE);
    }
}
