package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Packet;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage of a {@link NeighbourTable}: an open-addressed hash table with linear probing, for one writer and any
 * number of readers without locks. Its size follows the number of entries: they are copied to fresh slots a few with
 * each change, and these take the place of the others when they are whole.
 */
final class NeighbourSlots {
    private static final int MIN_SLOTS = 64;

    /** Slots that are copied with a change: all have long before the table is full. */
    private static final int STEP = 64;

    /** Stands where an entry was removed, so that a look-up goes on to those behind it. It has no address. */
    private static final Neighbour REMOVED =
            new Neighbour(-1, 0, 0, 0, false, Neighbour.Origin.LEARNED, Packet.NO_PORT, 0);

    /** Makes the order of the slots unpredictable, so that no tenant can choose addresses that collide. */
    private final long seed = new SplittableRandom().nextLong();

    private volatile AtomicReferenceArray<@Nullable Neighbour> slots = new AtomicReferenceArray<>(MIN_SLOTS);
    private int size;

    /** Slots that have or had an entry. */
    private int taken;

    /** Slots that are to take the place of the others; null while the size is right. */
    private @Nullable AtomicReferenceArray<@Nullable Neighbour> fresh;

    /** How many slots have been copied to the fresh ones. */
    private int copied;

    private int takenOfFresh;

    /** Entries now. */
    int size() {
        return size;
    }

    /** The entry of an address, or null. For any thread. */
    @Nullable
    Neighbour find(int segment, long high, long low) {
        AtomicReferenceArray<@Nullable Neighbour> current = slots;
        int mask = current.length() - 1;
        for (int slot = home(segment, high, low) & mask; ; slot = (slot + 1) & mask) {
            Neighbour there = current.get(slot);
            if (there == null || there.has(segment, high, low)) {
                return there;
            }
        }
    }

    private int home(int segment, long high, long low) {
        long hash = (seed ^ low) * Mix.GOLDEN;
        hash = (hash ^ (hash >>> 29) ^ high) * Mix.GOLDEN;
        hash = (hash ^ (hash >>> 32) ^ segment) * Mix.GOLDEN;
        return (int) (hash >>> 32);
    }

    /** The slot of the entry of an address, or the empty one behind which it would be. */
    private int slotOf(AtomicReferenceArray<@Nullable Neighbour> in, Neighbour entry) {
        int mask = in.length() - 1;
        int slot = home(entry.segment, entry.high, entry.low) & mask;
        for (Neighbour there = in.get(slot); there != null; there = in.get(slot)) {
            if (there.has(entry.segment, entry.high, entry.low)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Puts an entry in the place of the one that its address has, which it returns, or into a new one. */
    @Nullable
    Neighbour put(Neighbour entry) {
        if (fresh == null && taken >= slots.length() / 2) {
            resize();
        }
        int slot = slotOf(slots, entry);
        Neighbour old = slots.get(slot);
        slots.set(slot, entry);
        if (old == null) {
            taken++;
            size++;
        }
        changed(slot, entry);
        return old;
    }

    /** Removes an entry. Its slot stays taken: readers that look for another entry go on behind it. */
    void remove(Neighbour entry) {
        int slot = slotOf(slots, entry);
        slots.set(slot, REMOVED);
        size--;
        if (fresh == null && slots.length() > MIN_SLOTS && size < slots.length() / 16) {
            resize(); // so seldom that a removal costs the same on average as without
        }
        changed(slot, entry);
    }

    /** Shows every entry, in no order; the visitor adds and removes none. */
    void forEach(Consumer<Neighbour> visitor) {
        for (int slot = 0; slot < slots.length(); slot++) {
            Neighbour entry = slots.get(slot);
            if (entry != null && isThere(entry)) {
                visitor.accept(entry);
            }
        }
    }

    /** Begins to copy to as many slots as the entries need, with room for those that come before all is copied. */
    private void resize() {
        int entries = size + slots.length() / STEP + 1;
        fresh = new AtomicReferenceArray<>(Math.max(MIN_SLOTS, Integer.highestOneBit(3 * entries) * 2));
        copied = 0;
        takenOfFresh = 0;
    }

    /** Brings a change of a slot to the fresh slots, and copies some more. */
    private void changed(int slot, Neighbour entry) {
        AtomicReferenceArray<@Nullable Neighbour> into = fresh;
        if (into == null) {
            return;
        }
        if (slot < copied) {
            copy(into, entry, slots.get(slot));
        }
        for (int end = Math.min(slots.length(), copied + STEP); copied < end; copied++) {
            Neighbour there = slots.get(copied);
            if (there != null && isThere(there)) {
                copy(into, there, there);
            }
        }
        if (copied == slots.length()) {
            slots = into; // a reader that has begun goes on in the others
            taken = takenOfFresh;
            fresh = null;
        }
    }

    private void copy(AtomicReferenceArray<@Nullable Neighbour> into, Neighbour entry, @Nullable Neighbour content) {
        int slot = slotOf(into, entry);
        if (into.get(slot) == null) {
            takenOfFresh++;
        }
        into.set(slot, content);
    }

    @SuppressWarnings("ReferenceEquality") // there is one
    private static boolean isThere(Neighbour entry) {
        return entry != REMOVED;
    }
}
