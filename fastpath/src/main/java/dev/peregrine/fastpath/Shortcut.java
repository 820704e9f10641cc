package dev.peregrine.fastpath;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Refresh;
import dev.peregrine.dataplane.packet.Rewrite;
import dev.peregrine.dataplane.packet.Tally;
import dev.peregrine.dataplane.packet.Trail;
import dev.peregrine.dataplane.packet.Watch;
import dev.peregrine.dataplane.stage.Node;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The common path past the chain of all flows that share an entry, an exit and a treatment: the change to their
 * packets, and the nodes that count them. Counts are kept until {@link #settle}, once per batch.
 */
final class Shortcut {
    private final int lookup;
    private final int exit;
    private final int segment;
    private final int limit;
    private final @Nullable Rewrite rewrite;
    private final Refresh[] refreshes;
    private final Tally[] tallies;
    private final Watch[] watches;
    private final Node[] skipped;
    private final boolean isFollowed;
    private final boolean mayBeTaken;
    private int packets;
    private int segments;
    private long bytes;

    /** The shortcut of a packet's walk; {@code exit} is the local port that it ended at, or any tunnel. */
    Shortcut(int lookup, int exit, Packet packet, Trail trail, Node[] skipped) {
        this.lookup = lookup;
        this.exit = exit;
        this.skipped = skipped;
        segment = packet.segment();
        limit = trail.limit();
        rewrite = trail.rewrite();
        refreshes = new Refresh[trail.refreshes()];
        Arrays.setAll(refreshes, trail::refresh);
        tallies = new Tally[trail.tallies()];
        Arrays.setAll(tallies, trail::tally);
        watches = new Watch[trail.watches()];
        Arrays.setAll(watches, trail::watch);
        isFollowed = Arrays.stream(watches).anyMatch(Watch::follows);
        mayBeTaken = Arrays.stream(skipped).allMatch(node -> node.stage().leavesTrail());
    }

    /** Whether this is the shortcut of a walk. */
    @SuppressWarnings("ReferenceEquality") // the same object, not an equal one, does the same
    boolean isShownBy(int itsLookup, int itsExit, Packet packet, Trail trail) {
        if (lookup != itsLookup
                || exit != itsExit
                || segment != packet.segment()
                || limit != trail.limit()
                || rewrite != trail.rewrite()
                || tallies.length != trail.tallies()
                || watches.length != trail.watches()
                || refreshes.length != trail.refreshes()) {
            return false;
        }
        for (int i = 0; i < tallies.length; i++) {
            if (tallies[i] != trail.tally(i)) {
                return false;
            }
        }
        for (int i = 0; i < watches.length; i++) {
            if (watches[i] != trail.watch(i)) {
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

    /** A hash that is equal for all walks with this shortcut. */
    static int hash(int lookup, int exit, Packet packet, Trail trail) {
        int hash = (lookup * 31 + exit) * 31 + packet.segment();
        hash = hash * 31 + trail.limit();
        hash = hash * 31 + System.identityHashCode(trail.rewrite());
        for (int i = 0; i < trail.tallies(); i++) {
            hash = hash * 31 + System.identityHashCode(trail.tally(i));
        }
        return hash * Mix.GOLDEN_32;
    }

    /** Whether all skipped stages declare that they leave a trail. */
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

    int watches() {
        return watches.length;
    }

    Watch watch(int i) {
        return watches[i];
    }

    /** Whether a watched state tracks the packets that take this path. */
    boolean isFollowed() {
        return isFollowed;
    }

    int refreshes() {
        return refreshes.length;
    }

    Refresh refresh(int i) {
        return refreshes[i];
    }

    /** Counts packets that took this path; true for the first ones since {@link #settle}. */
    boolean count(int morePackets, int wirePackets, long frameBytes) {
        boolean first = packets == 0;
        packets += morePackets;
        segments += wirePackets;
        bytes += frameBytes;
        return first;
    }

    /** Adds the kept counts to the skipped nodes and to the counts of their stages. */
    void settle() {
        for (Node node : skipped) {
            node.skipped(packets, segments, bytes);
        }
        for (Tally tally : tallies) {
            tally.add(segments, bytes);
        }
        packets = 0;
        segments = 0;
        bytes = 0;
    }
}
