package dev.peregrine.fastpath.kernel.table;

import java.lang.foreign.MemorySegment;

/** A flow in the kernel's tier. Belongs to the writer of {@link KernelFlows}. */
public final class KernelFlow {
    final int slot;
    final MemorySegment key;
    final KernelDecision decision;
    private final Sink sink;
    private long packets;
    private long bytes;
    boolean isKilled;

    /** Takes the counts of a flow: ports, rules and VNIs. */
    @FunctionalInterface
    public interface Sink {
        /** Wire packets that went fast since the last call, and their bytes without tunnel headers. */
        void add(long packets, long bytes);
    }

    KernelFlow(int slot, MemorySegment key, KernelDecision decision, Sink sink) {
        this.slot = slot;
        this.key = key;
        this.decision = decision;
        this.sink = sink;
    }

    /** Tells what has been added since the last call; true if there was something. */
    boolean report(long packetsNow, long bytesNow) {
        long morePackets = packetsNow - packets;
        long moreBytes = bytesNow - bytes;
        if (morePackets == 0 && moreBytes == 0) {
            return false;
        }
        packets = packetsNow;
        bytes = bytesNow;
        sink.add(morePackets, moreBytes);
        return true;
    }
}
