package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.Nullable;

/**
 * The work of the chain on one packet, as far as it must be done for the later packets of the flow as well: written
 * by the stages while the packet walks, read where the walk ends.
 *
 * <p>A packet has a recording ({@link Packet#recording}) only when a flow cache wants to remember its flow. Stages
 * write down what does not follow from the verdict; a stage whose decision rests on more than the flow and on tables
 * whose changes are announced calls {@link #markUncacheable}, as a node does for floods and answers. Belongs to the
 * worker that has the packet; begins and ends on that which has its pool.
 */
public final class FlowRecording {
    /** The most {@link KeepAlive}s that one flow can have. */
    public static final int MAX_KEEP_ALIVES = 2;

    /**
     * The most {@link HitCount}s, and the most {@link Precondition}s: of port and segment, where packets come in and
     * leave.
     */
    public static final int MAX_CHECKS = 4;

    private final int index;
    private final KeepAlive[] keepAlives = new KeepAlive[MAX_KEEP_ALIVES];
    private final long[] keepAliveNotes = new long[MAX_KEEP_ALIVES];
    private final HitCount[] hitCounts = new HitCount[MAX_CHECKS];
    private final Precondition[] preconditions = new Precondition[MAX_CHECKS];
    private final int[] preconditionSlots = new int[MAX_CHECKS];
    private final long[] preconditionSeen = new long[MAX_CHECKS];
    private @Nullable Packet packet;
    private @Nullable Rewrite rewrite;
    private int keepAliveCount;
    private int hitCountSize;
    private int preconditionCount;
    private long dueNanos;
    private int limit;
    private boolean uncacheable;

    /** A recording that no packet has; {@code index} is its number among those of its owner. */
    public FlowRecording(int index) {
        this.index = index;
    }

    /** Its number among the recordings of its owner. */
    public int index() {
        return index;
    }

    /** Gives this recording, empty, to a packet that has none. */
    public void begin(Packet walker) {
        assert packet == null && walker.recording() == null : "a recording has one packet, and a packet one recording";
        packet = walker;
        walker.recording(this);
        rewrite = null;
        keepAliveCount = 0;
        hitCountSize = 0;
        preconditionCount = 0;
        dueNanos = Long.MAX_VALUE;
        limit = Integer.MAX_VALUE;
        uncacheable = false;
    }

    /** The packet was released. */
    void end() {
        packet = null;
    }

    /** Whether a packet has this recording. */
    public boolean isTaken() {
        return packet != null;
    }

    // ---- stages -----------------------------------------------------------------------------------------------

    /** The frame is rewritten, once on the whole way: a second rewrite makes it uncacheable. */
    public void rewrite(Rewrite done) {
        uncacheable |= rewrite != null;
        rewrite = done;
    }

    /** Only frames of at most {@code wireLength} bytes pass, counted without tunnel headers. */
    public void limit(long wireLength) {
        limit = (int) Math.min(limit, wireLength);
    }

    /** Every packet of the flow is counted there, too. */
    public void count(HitCount count) {
        if (hitCountSize == MAX_CHECKS) {
            uncacheable = true;
            return;
        }
        hitCounts[hitCountSize++] = count;
    }

    /** The decision holds as long as {@code what} says so of what was seen at a place. */
    public void require(Precondition what, int place, long seen) {
        if (preconditionCount == MAX_CHECKS) {
            uncacheable = true;
            return;
        }
        preconditions[preconditionCount] = what;
        preconditionSlots[preconditionCount] = place;
        preconditionSeen[preconditionCount++] = seen;
    }

    /** Something must be done for the first packet that comes at {@code atNanos} or later. */
    public void keepAlive(KeepAlive what, long note, long atNanos) {
        if (keepAliveCount == MAX_KEEP_ALIVES) {
            uncacheable = true;
            return;
        }
        keepAlives[keepAliveCount] = what;
        keepAliveNotes[keepAliveCount++] = note;
        dueNanos = Math.min(dueNanos, atNanos);
    }

    /** The next packet of the flow must walk the chain, too. */
    public void markUncacheable() {
        uncacheable = true;
    }

    // ---- the end of the walk ----------------------------------------------------------------------------------

    /** Whether the flow cannot be remembered by this walk. */
    public boolean isUncacheable() {
        return uncacheable;
    }

    /** The rewrite that was applied to the frame; null for none. */
    public @Nullable Rewrite rewrite() {
        return rewrite;
    }

    /** The longest frame that passes, in bytes. */
    public int limit() {
        return limit;
    }

    /** Number of counts. */
    public int counts() {
        return hitCountSize;
    }

    /** Count {@code i}. */
    public HitCount count(int i) {
        return hitCounts[i];
    }

    /** Number of things to watch. */
    public int preconditions() {
        return preconditionCount;
    }

    /** Thing {@code i} to watch. */
    public Precondition precondition(int i) {
        return preconditions[i];
    }

    /** Where thing {@code i} to watch is. */
    public int preconditionSlot(int i) {
        return preconditionSlots[i];
    }

    /** The state that was seen of thing {@code i} to watch. */
    public long preconditionSeen(int i) {
        return preconditionSeen[i];
    }

    /** Number of things to refresh. */
    public int keepAlives() {
        return keepAliveCount;
    }

    /** Thing {@code i} to refresh. */
    public KeepAlive keepAlive(int i) {
        return keepAlives[i];
    }

    /** The note that goes with thing {@code i} to refresh. */
    public long keepAliveNote(int i) {
        return keepAliveNotes[i];
    }

    /** When the first refresh is due. */
    public long dueNanos() {
        return dueNanos;
    }
}
