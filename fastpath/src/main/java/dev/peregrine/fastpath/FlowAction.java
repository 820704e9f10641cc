package dev.peregrine.fastpath;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.HitCount;
import dev.peregrine.dataplane.packet.KeepAlive;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Precondition;
import dev.peregrine.dataplane.packet.Rewrite;
import dev.peregrine.dataplane.stage.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The common path past the chain of all flows that share an entry, an exit and a treatment: the change to their
 * packets, and the nodes that count them. Counts are kept until {@link #flushCounts}, once per batch.
 */
final class FlowAction {
    private final int lookup;
    private final int exit;
    private final int segment;
    private final int limit;
    private final @Nullable Rewrite rewrite;
    private final KeepAlive[] keepAlives;
    private final HitCount[] hitCounts;
    private final Precondition[] preconditions;
    private Node[] skipped;
    private boolean isForgotten;
    private final boolean isFollowed;
    private final boolean mayBeTaken;
    private int packets;
    private int segments;
    private long bytes;

    /** The action of a packet's walk; {@code exit} is the local port that it ended at, or any tunnel. */
    FlowAction(int lookup, int exit, Packet packet, FlowRecording recording, Node[] skipped) {
        this.lookup = lookup;
        this.exit = exit;
        this.skipped = skipped;
        segment = packet.segment();
        limit = recording.limit();
        rewrite = recording.rewrite();
        keepAlives = new KeepAlive[recording.keepAlives()];
        Arrays.setAll(keepAlives, recording::keepAlive);
        hitCounts = new HitCount[recording.counts()];
        Arrays.setAll(hitCounts, recording::count);
        preconditions = new Precondition[recording.preconditions()];
        Arrays.setAll(preconditions, recording::precondition);
        isFollowed = Arrays.stream(preconditions).anyMatch(Precondition::follows);
        mayBeTaken = Arrays.stream(skipped).allMatch(node -> node.stage().recordsFlow());
    }

    /** Whether this is the action of a walk. */
    @SuppressWarnings("ReferenceEquality") // the same object, not an equal one, does the same
    boolean isShownBy(int itsLookup, int itsExit, Packet packet, FlowRecording recording) {
        if (isForgotten
                || lookup != itsLookup
                || exit != itsExit
                || segment != packet.segment()
                || limit != recording.limit()
                || rewrite != recording.rewrite()
                || hitCounts.length != recording.counts()
                || preconditions.length != recording.preconditions()
                || keepAlives.length != recording.keepAlives()) {
            return false;
        }
        for (int i = 0; i < hitCounts.length; i++) {
            if (hitCounts[i] != recording.count(i)) {
                return false;
            }
        }
        for (int i = 0; i < preconditions.length; i++) {
            if (preconditions[i] != recording.precondition(i)) {
                return false;
            }
        }
        for (int i = 0; i < keepAlives.length; i++) {
            if (keepAlives[i] != recording.keepAlive(i)) {
                return false;
            }
        }
        return true;
    }

    /** A hash that is equal for all walks with this action. */
    static int hash(int lookup, int exit, Packet packet, FlowRecording recording) {
        int hash = (lookup * 31 + exit) * 31 + packet.segment();
        hash = hash * 31 + recording.limit();
        hash = hash * 31 + System.identityHashCode(recording.rewrite());
        for (int i = 0; i < recording.counts(); i++) {
            hash = hash * 31 + System.identityHashCode(recording.count(i));
        }
        return hash * Mix.GOLDEN_32;
    }

    /** No walk shows this action any more if a node that it skips is not among those that are there. */
    void forgetUnlessIn(Set<Node> there) {
        if (!isForgotten && !there.containsAll(List.of(skipped))) {
            isForgotten = true;
            skipped = new Node[0];
        }
    }

    /** Whether all skipped stages declare that they record the flow. */
    boolean mayBeTaken() {
        return mayBeTaken;
    }

    int segment() {
        return segment;
    }

    /** Bytes of the longest frame that passes, without tunnel headers. */
    int limit() {
        return limit;
    }

    /** Rewrites the packet as the chain does; false when the chain would drop it, and the packet is unchanged. */
    boolean rewrite(Packet packet) {
        return rewrite == null || rewrite.apply(packet);
    }

    int preconditions() {
        return preconditions.length;
    }

    Precondition watch(int i) {
        return preconditions[i];
    }

    /** Whether a watched state tracks the packets that take this path. */
    boolean isFollowed() {
        return isFollowed;
    }

    int keepAlives() {
        return keepAlives.length;
    }

    KeepAlive refresh(int i) {
        return keepAlives[i];
    }

    /** Counts packets that took this path; true for the first ones since {@link #flushCounts}. */
    boolean count(int morePackets, int wirePackets, long frameBytes) {
        boolean first = packets == 0;
        packets += morePackets;
        segments += wirePackets;
        bytes += frameBytes;
        return first;
    }

    /** Adds the kept counts to the skipped nodes and to the counts of their stages. */
    void flushCounts() {
        for (Node node : skipped) {
            node.skipped(packets, segments, bytes);
        }
        for (HitCount hitCount : hitCounts) {
            hitCount.add(segments, bytes);
        }
        packets = 0;
        segments = 0;
        bytes = 0;
    }
}
