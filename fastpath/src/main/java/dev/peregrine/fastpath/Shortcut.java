package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Refresh;
import dev.peregrine.dataplane.packet.Repeat;
import dev.peregrine.dataplane.packet.Rewrite;
import dev.peregrine.dataplane.packet.Trail;
import dev.peregrine.dataplane.stage.Node;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The way past the chain that all flows have in common which come in at one place, leave at one, and were treated
 * alike: what to do to their packets, and where to count them. Counts are kept until {@link #settle}, once per batch.
 */
final class Shortcut {
    private final int lookup;
    private final int exit;
    private final int segment;
    private final int limit;
    private final @Nullable Rewrite rewrite;
    private final Repeat[] repeats;
    private final Refresh[] refreshes;
    private final Node[] skipped;
    private int packets;
    private int segments;
    private long bytes;

    /** The shortcut that a packet's walk has shown; {@code exit} is the local port that it ended at, or any tunnel. */
    Shortcut(int lookup, int exit, Packet packet, Trail trail, Node[] skipped) {
        this.lookup = lookup;
        this.exit = exit;
        this.skipped = skipped;
        segment = packet.segment();
        limit = trail.limit();
        rewrite = trail.rewrite();
        repeats = new Repeat[trail.repeats()];
        Arrays.setAll(repeats, trail::repeat);
        refreshes = new Refresh[trail.refreshes()];
        Arrays.setAll(refreshes, trail::refresh);
    }

    /** Whether this is the shortcut that a walk has shown. */
    @SuppressWarnings("ReferenceEquality") // the same object, not an equal one, does the same
    boolean isShownBy(int itsLookup, int itsExit, Packet packet, Trail trail) {
        if (lookup != itsLookup
                || exit != itsExit
                || segment != packet.segment()
                || limit != trail.limit()
                || rewrite != trail.rewrite()
                || repeats.length != trail.repeats()
                || refreshes.length != trail.refreshes()) {
            return false;
        }
        for (int i = 0; i < repeats.length; i++) {
            if (repeats[i] != trail.repeat(i)) {
                return false;
            }
        }
        for (int i = 0; i < refreshes.length; i++) {
            if (refreshes[i] != trail.refresh(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether all stages that are skipped leave what they do on the trail. */
    boolean mayBeTaken() {
        for (Node node : skipped) {
            if (!node.stage().leavesTrail()) {
                return false;
            }
        }
        return true;
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

    int repeats() {
        return repeats.length;
    }

    Repeat repeat(int i) {
        return repeats[i];
    }

    int refreshes() {
        return refreshes.length;
    }

    Refresh refresh(int i) {
        return refreshes[i];
    }

    /** Counts a packet that took this way; true for the first one since {@link #settle}. */
    boolean count(int wirePackets, long frameBytes) {
        packets++;
        segments += wirePackets;
        bytes += frameBytes;
        return packets == 1;
    }

    /** Has the nodes that were skipped count what was kept. */
    void settle() {
        for (Node node : skipped) {
            node.skipped(packets, segments, bytes);
        }
        packets = 0;
        segments = 0;
        bytes = 0;
    }
}
