package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.header.Mix;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The storage of an {@link Fdb}: an open-addressed hash table of longs with linear probing, for one writer and any
 * number of readers without locks.
 *
 * <pre>
 *   slot:  |  key  |  value  |  seen  |  spare  |     32 bytes, so that a look-up touches one or two cache lines
 *
 *   key    63        48 47                                   0
 *         |  segment   |               MAC                    |      0: the slot was never used
 *   value  63       62       61       60        59     32 31           0
 *         | present | static | sticky | control |       0 |     port     |     0: the entry was removed
 * </pre>
 *
 * <p>A slot never changes its key: a removed entry stays behind as a key without a value, until the whole table is
 * replaced by a fresh one. So a reader that found a key reads a value of that key, or none. A new slot's value is
 * written before its key is released.
 */
public final class FdbTable {
    /** The value of an entry that is not there. */
    static final long ABSENT = 0;

    /** The result of {@link #find} when no slot has the key. */
    static final int NOT_FOUND = -1;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long PRESENT = 1L << 63;
    private static final long STATIC = 1L << 62;
    private static final long STICKY = 1L << 61;
    private static final long CONTROL = 1L << 60;
    private static final int VALUE = 1;
    private static final int SEEN = 2;
    private static final int STRIDE = 4;

    private final long[] words;
    private final int mask;
    private final long seed;
    private int used;

    /**
     * An empty table.
     *
     * @param slots a power of two
     * @param seed makes the order of the slots unpredictable, so that no tenant can choose MACs that collide
     */
    FdbTable(int slots, long seed) {
        assert Integer.bitCount(slots) == 1 : "slots " + slots;
        words = new long[slots * STRIDE];
        mask = slots - 1;
        this.seed = seed;
    }

    /** Bytes of a table with a number of slots. */
    static long bytes(int slots) {
        return (long) slots * STRIDE * Long.BYTES;
    }

    /** The key of a segment and a MAC address. */
    public static long key(int segment, long mac) {
        return ((long) segment << 48) | mac;
    }

    /** The segment of a key. */
    public static int segment(long key) {
        return (int) (key >>> 48);
    }

    /** The MAC address of a key, in the lower 48 bits. */
    public static long mac(long key) {
        return key & 0xffff_ffff_ffffL;
    }

    static long value(int port, Fdb.Kind kind) {
        long bits = switch (kind) {
            case DYNAMIC -> 0;
            case STICKY -> STICKY;
            case STATIC -> STATIC;
            case CONTROL -> CONTROL;
            case CONTROL_STICKY -> CONTROL | STICKY;
        };
        return PRESENT | bits | (port & 0xffff_ffffL);
    }

    static Fdb.Kind kind(long value) {
        if (isStatic(value)) {
            return Fdb.Kind.STATIC;
        }
        boolean isSticky = (value & STICKY) != 0;
        if (isControl(value)) {
            return isSticky ? Fdb.Kind.CONTROL_STICKY : Fdb.Kind.CONTROL;
        }
        return isSticky ? Fdb.Kind.STICKY : Fdb.Kind.DYNAMIC;
    }

    /** Whether the entry is of a control plane. */
    static boolean isControl(long value) {
        return (value & CONTROL) != 0;
    }

    /** Whether learning leaves the entry at its port. */
    static boolean isBound(long value) {
        return (value & (STATIC | STICKY)) != 0;
    }

    static int port(long value) {
        return (int) value;
    }

    static boolean isStatic(long value) {
        return (value & STATIC) != 0;
    }

    /** Number of slots. */
    int slots() {
        return mask + 1;
    }

    /** Number of slots that have a key, removed entries included. */
    int used() {
        return used;
    }

    /** The slot that has the key, or {@link #NOT_FOUND}; ends because the table is never full. */
    int find(long key) {
        for (int slot = home(key); ; slot = (slot + 1) & mask) {
            long found = key(slot);
            if (found == key) {
                return slot;
            }
            if (found == 0) {
                return NOT_FOUND;
            }
        }
    }

    /** The key of a slot, 0 when it has none. */
    long key(int slot) {
        return (long) WORD.getAcquire(words, slot * STRIDE);
    }

    /** The value of a slot, {@link #ABSENT} when its entry was removed. */
    long value(int slot) {
        return (long) WORD.getAcquire(words, slot * STRIDE + VALUE);
    }

    /** Sets the value of a slot that has a key; writer only. */
    void value(int slot, long value) {
        WORD.setRelease(words, slot * STRIDE + VALUE, value);
    }

    /** The time at which a frame from the entry's MAC was last seen. */
    long seen(int slot) {
        return (long) WORD.getOpaque(words, slot * STRIDE + SEEN);
    }

    /** Sets the time at which the entry was last seen; any thread may call this, and the last one wins. */
    void seen(int slot, long nanos) {
        WORD.setOpaque(words, slot * STRIDE + SEEN, nanos);
    }

    /** Fills a fresh slot for a key that has none, and returns it; writer only. */
    int insert(long key, long value, long seenNanos) {
        int slot = home(key);
        while (key(slot) != 0) {
            slot = (slot + 1) & mask;
        }
        value(slot, value);
        seen(slot, seenNanos);
        WORD.setRelease(words, slot * STRIDE, key);
        used++;
        assert used <= mask : "table full";
        return slot;
    }

    private int home(long key) {
        long hash = Mix.finish((key ^ seed) * Mix.GOLDEN);
        return (int) (hash >>> 32) & mask;
    }
}
