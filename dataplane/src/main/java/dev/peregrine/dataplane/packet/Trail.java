package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.Nullable;

/**
 * What the chain did with one packet, as far as it must be done for the later packets of the flow as well: written
 * by the stages while the packet walks, read where the walk ends.
 *
 * <p>A packet has a trail ({@link Packet#trail}) only when a flow cache wants to remember its flow. Stages write down
 * what does not follow from the verdict; a stage whose decision rests on more than the flow and on tables whose
 * changes are announced calls {@link #spoil}, as a node does for floods and answers. Belongs to the worker that has
 * the packet; begins and ends on that which has its pool.
 */
public final class Trail {
    /** The most {@link Repeat}s, and the most {@link Refresh}es, that one flow can have. */
    public static final int MOST_NOTES = 3;

    private final int index;
    private final Repeat[] repeats = new Repeat[MOST_NOTES];
    private final long[] repeatNotes = new long[MOST_NOTES];
    private final Refresh[] refreshes = new Refresh[MOST_NOTES];
    private final long[] refreshNotes = new long[MOST_NOTES];
    private @Nullable Packet packet;
    private @Nullable Rewrite rewrite;
    private int repeatCount;
    private int refreshCount;
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
        repeatCount = 0;
        refreshCount = 0;
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

    /** Something must be repeated for every packet; {@code note} says for which rule, state or limit. */
    public void repeat(Repeat what, long note) {
        if (repeatCount == MOST_NOTES) {
            spoilt = true;
            return;
        }
        repeats[repeatCount] = what;
        repeatNotes[repeatCount++] = note;
    }

    /** Something must be done for the first packet that comes at {@code atNanos} or later. */
    public void refresh(Refresh what, long note, long atNanos) {
        if (refreshCount == MOST_NOTES) {
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

    /** What was done to the frame; null for nothing. */
    public @Nullable Rewrite rewrite() {
        return rewrite;
    }

    /** The longest frame that passes, in bytes. */
    public int limit() {
        return limit;
    }

    /** Number of things to repeat for every packet. */
    public int repeats() {
        return repeatCount;
    }

    /** Thing {@code i} to repeat for every packet. */
    public Repeat repeat(int i) {
        return repeats[i];
    }

    /** The note that goes with thing {@code i} to repeat. */
    public long repeatNote(int i) {
        return repeatNotes[i];
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
