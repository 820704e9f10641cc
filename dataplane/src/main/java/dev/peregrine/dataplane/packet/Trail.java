package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.Nullable;

/**
 * The work of the chain on one packet, as far as it must be done for the later packets of the flow as well: written
 * by the stages while the packet walks, read where the walk ends.
 *
 * <p>A packet has a trail ({@link Packet#trail}) only when a flow cache wants to remember its flow. Stages write down
 * what does not follow from the verdict; a stage whose decision rests on more than the flow and on tables whose
 * changes are announced calls {@link #spoil}, as a node does for floods and answers. Belongs to the worker that has
 * the packet; begins and ends on that which has its pool.
 */
public final class Trail {
    /** The most {@link Refresh}es that one flow can have. */
    public static final int MOST_REFRESHES = 2;

    /** The most {@link Tally}s, and the most {@link Watch}es: of port and segment, where packets come in and leave. */
    public static final int MOST_CHECKS = 4;

    private final int index;
    private final Refresh[] refreshes = new Refresh[MOST_REFRESHES];
    private final long[] refreshNotes = new long[MOST_REFRESHES];
    private final Tally[] tallies = new Tally[MOST_CHECKS];
    private final Watch[] watches = new Watch[MOST_CHECKS];
    private final int[] watchPlaces = new int[MOST_CHECKS];
    private final long[] watchSeen = new long[MOST_CHECKS];
    private @Nullable Packet packet;
    private @Nullable Rewrite rewrite;
    private int refreshCount;
    private int tallyCount;
    private int watchCount;
    private long dueNanos;
    private int limit;
    private boolean spoilt;

    /** A trail that no packet has; {@code index} is its number among those of its owner. */
    public Trail(int index) {
        this.index = index;
    }

    /** Its number among the trails of its owner. */
    public int index() {
        return index;
    }

    /** Gives this trail, empty, to a packet that has none. */
    public void begin(Packet walker) {
        assert packet == null && walker.trail() == null : "a trail has one packet, and a packet one trail";
        packet = walker;
        walker.trail(this);
        rewrite = null;
        refreshCount = 0;
        tallyCount = 0;
        watchCount = 0;
        dueNanos = Long.MAX_VALUE;
        limit = Integer.MAX_VALUE;
        spoilt = false;
    }

    /** The packet was released. */
    void end() {
        packet = null;
    }

    /** Whether a packet has this trail. */
    public boolean isTaken() {
        return packet != null;
    }

    // ---- stages -----------------------------------------------------------------------------------------------

    /** The frame is rewritten, once on the whole way: a second rewrite spoils the trail. */
    public void rewrite(Rewrite done) {
        spoilt |= rewrite != null;
        rewrite = done;
    }

    /** Only frames of at most {@code wireLength} bytes pass, counted without tunnel headers. */
    public void limit(long wireLength) {
        limit = (int) Math.min(limit, wireLength);
    }

    /** Every packet of the flow is counted there, too. */
    public void tally(Tally count) {
        if (tallyCount == MOST_CHECKS) {
            spoilt = true;
            return;
        }
        tallies[tallyCount++] = count;
    }

    /** The decision holds as long as {@code what} says so of what was seen at a place. */
    public void watch(Watch what, int place, long seen) {
        if (watchCount == MOST_CHECKS) {
            spoilt = true;
            return;
        }
        watches[watchCount] = what;
        watchPlaces[watchCount] = place;
        watchSeen[watchCount++] = seen;
    }

    /** Something must be done for the first packet that comes at {@code atNanos} or later. */
    public void refresh(Refresh what, long note, long atNanos) {
        if (refreshCount == MOST_REFRESHES) {
            spoilt = true;
            return;
        }
        refreshes[refreshCount] = what;
        refreshNotes[refreshCount++] = note;
        dueNanos = Math.min(dueNanos, atNanos);
    }

    /** The next packet of the flow must walk the chain, too. */
    public void spoil() {
        spoilt = true;
    }

    // ---- the end of the walk ----------------------------------------------------------------------------------

    /** Whether the flow cannot be remembered by this walk. */
    public boolean isSpoilt() {
        return spoilt;
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
    public int tallies() {
        return tallyCount;
    }

    /** Count {@code i}. */
    public Tally tally(int i) {
        return tallies[i];
    }

    /** Number of things to watch. */
    public int watches() {
        return watchCount;
    }

    /** Thing {@code i} to watch. */
    public Watch watch(int i) {
        return watches[i];
    }

    /** Where thing {@code i} to watch is. */
    public int watchPlace(int i) {
        return watchPlaces[i];
    }

    /** The state that was seen of thing {@code i} to watch. */
    public long watchSeen(int i) {
        return watchSeen[i];
    }

    /** Number of things to refresh. */
    public int refreshes() {
        return refreshCount;
    }

    /** Thing {@code i} to refresh. */
    public Refresh refresh(int i) {
        return refreshes[i];
    }

    /** The note that goes with thing {@code i} to refresh. */
    public long refreshNote(int i) {
        return refreshNotes[i];
    }

    /** When the first refresh is due. */
    public long dueNanos() {
        return dueNanos;
    }
}
