package dev.peregrine.load;

import dev.peregrine.dataplane.packet.Counter;

/**
 * The account of sequence numbers, for a fixed number of slots that each stand for one flow. A number that has not come
 * although a higher one has is <em>lost</em> until it comes; then it is <em>reordered</em>. One that comes again is a
 * <em>duplicate</em>.
 *
 * <p>Every slot remembers the last {@value #WINDOW} numbers. An older one that comes late fills a gap while the flow
 * has gaps, and is a duplicate otherwise. Numbers below the first one seen are not lost but counted by {@link
 * #skipped}: the receiver may have started later than the sender.
 *
 * <p>One thread counts; any thread reads the totals. Nothing is allocated after construction.
 */
public final class Sequences {
    /** How far back duplicates are recognised, in datagrams. */
    public static final int WINDOW = 1024;

    private static final int WORDS = WINDOW / Long.SIZE;

    private final long[] firsts;
    private final long[] highests;
    private final long[] packets;
    private final long[] gaps;
    private final long[] duplicates;
    private final long[] reordered;
    /** A bit for each of the last numbers, at the number modulo {@link #WINDOW}. */
    private final long[] seen;

    private final Counter totalLost = new Counter();
    private final Counter totalDuplicates = new Counter();
    private final Counter totalReordered = new Counter();
    private final Counter totalSkipped = new Counter();
    private final Counter farthest = new Counter();

    /** All slots empty. */
    public Sequences(int slots) {
        firsts = new long[slots];
        highests = new long[slots];
        packets = new long[slots];
        gaps = new long[slots];
        duplicates = new long[slots];
        reordered = new long[slots];
        seen = new long[slots * WORDS];
    }

    /** Empties a slot; the totals stay. */
    public void clear(int slot) {
        packets[slot] = 0;
        gaps[slot] = 0;
        duplicates[slot] = 0;
        reordered[slot] = 0;
    }

    /** Counts a datagram. */
    public void count(int slot, long sequence) {
        long before = packets[slot]++;
        long ahead = sequence - highests[slot];
        if (before != 0 && ahead == 1) {
            highests[slot] = sequence;
            mark(slot, sequence);
        } else if (before == 0) {
            first(slot, sequence);
        } else if (ahead > 0) {
            jump(slot, sequence, ahead);
        } else {
            late(slot, sequence, -ahead);
        }
    }

    private void first(int slot, long sequence) {
        firsts[slot] = sequence;
        highests[slot] = sequence;
        totalSkipped.add(sequence);
        forget(slot, 0, WINDOW);
        mark(slot, sequence);
    }

    private void jump(int slot, long sequence, long ahead) {
        forget(slot, highests[slot] + 1, Math.min(ahead, WINDOW));
        highests[slot] = sequence;
        mark(slot, sequence);
        gaps[slot] += ahead - 1;
        totalLost.add(ahead - 1);
    }

    private void late(int slot, long sequence, long behind) {
        boolean old = behind >= WINDOW;
        if (sequence < firsts[slot]) {
            lowerFirst(slot, sequence);
        } else if (old ? gaps[slot] == 0 : isMarked(slot, sequence)) {
            duplicates[slot]++;
            totalDuplicates.add(1);
            return;
        } else {
            gaps[slot]--;
            totalLost.add(-1);
        }
        if (!old) mark(slot, sequence);
        reordered[slot]++;
        totalReordered.add(1);
        if (behind > farthest.value()) farthest.set(behind);
    }

    /** The numbers between the old first one and the new one were skipped, and are missed from now on. */
    private void lowerFirst(int slot, long sequence) {
        long between = firsts[slot] - sequence - 1;
        firsts[slot] = sequence;
        gaps[slot] += between;
        totalLost.add(between);
        totalSkipped.add(-between - 1);
    }

    private void mark(int slot, long sequence) {
        int bit = (int) sequence & (WINDOW - 1);
        seen[slot * WORDS + (bit >>> 6)] |= 1L << bit;
    }

    private boolean isMarked(int slot, long sequence) {
        int bit = (int) sequence & (WINDOW - 1);
        return (seen[slot * WORDS + (bit >>> 6)] & (1L << bit)) != 0;
    }

    private void forget(int slot, long from, long count) {
        for (long sequence = from; sequence < from + count; sequence++) {
            int bit = (int) sequence & (WINDOW - 1);
            seen[slot * WORDS + (bit >>> 6)] &= ~(1L << bit);
        }
    }

    /** Datagrams of a flow, duplicates included. */
    public long packets(int slot) {
        return packets[slot];
    }

    public long lost(int slot) {
        return gaps[slot];
    }

    public long duplicates(int slot) {
        return duplicates[slot];
    }

    public long reordered(int slot) {
        return reordered[slot];
    }

    /** Of all flows, those of cleared slots included; the same for the other totals. */
    public long lost() {
        return totalLost.value();
    }

    public long duplicates() {
        return totalDuplicates.value();
    }

    public long reordered() {
        return totalReordered.value();
    }

    /** Sequence numbers below the first one that came. */
    public long skipped() {
        return totalSkipped.value();
    }

    /** The largest distance, in sequence numbers, by which a datagram came after a later one. */
    public long farthest() {
        return farthest.value();
    }
}
