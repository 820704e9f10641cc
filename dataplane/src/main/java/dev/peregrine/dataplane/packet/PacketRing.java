package dev.peregrine.dataplane.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A bounded queue of packets from one thread to one other, without locks. Batches go in and come out whole: each side
 * publishes its index once for a batch, and looks at the other's index only when what it knows of it is used up. So a
 * batch costs the cache lines of its references and two more, not several stores for each packet.
 *
 * <pre>
 *   slots    | · · p p p p p · · |       head: next to take, tail: next to fill; both only grow
 *                    head      tail
 *   indices  tail and the giver's idea of the head | head and the taker's idea of the tail, far apart
 * </pre>
 *
 * <p>A taken reference stays in its slot until it is overwritten: packets live as long as their pool.
 */
public final class PacketRing {
    private static final VarHandle INDEX = MethodHandles.arrayElementVarHandle(long[].class);

    /** Each side's numbers have two cache lines for themselves, since lines are fetched in pairs. */
    private static final int APART = 16;

    private static final int TAIL = APART;
    private static final int KNOWN_HEAD = TAIL + 1;
    private static final int HEAD = 2 * APART;
    private static final int KNOWN_TAIL = HEAD + 1;

    private final Packet[] slots;
    private final int mask;
    private final long[] indices = new long[3 * APART];

    /** An empty ring for at least {@code capacity} packets: the next power of two. */
    public PacketRing(int capacity) {
        if (capacity < 1 || capacity > 1 << 30) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        int length = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        slots = new Packet[length];
        mask = length - 1;
    }

    /** Packets that it can hold. */
    public int capacity() {
        return slots.length;
    }

    /** How many of {@code wanted} packets there is room for; called by the giver. */
    public int room(int wanted) {
        long tail = indices[TAIL];
        int room = room(tail, indices[KNOWN_HEAD]);
        if (room < wanted) {
            indices[KNOWN_HEAD] = (long) INDEX.getAcquire(indices, HEAD);
            room = room(tail, indices[KNOWN_HEAD]);
        }
        return Math.min(room, wanted);
    }

    private int room(long tail, long head) {
        return slots.length - (int) (tail - head);
    }

    /** Gives packets of a batch, from one on, for which there is {@link #room}; they stay in the batch, too. */
    public void give(Batch batch, int from, int count) {
        long tail = indices[TAIL];
        int at = (int) tail & mask;
        int first = Math.min(count, slots.length - at);
        batch.copyTo(from, slots, at, first);
        batch.copyTo(from + first, slots, 0, count - first);
        INDEX.setRelease(indices, TAIL, tail + count);
    }

    /** Gives one packet; false when there is no room. */
    public boolean give(Packet packet) {
        if (room(1) == 0) {
            return false;
        }
        long tail = indices[TAIL];
        slots[(int) tail & mask] = packet;
        INDEX.setRelease(indices, TAIL, tail + 1);
        return true;
    }

    /** Takes packets, as many as the batch has room for; returns how many. */
    public int take(Batch batch) {
        int count = known(Batch.CAPACITY - batch.size());
        if (count > 0) {
            long head = indices[HEAD];
            int at = (int) head & mask;
            int first = Math.min(count, slots.length - at);
            batch.addAll(slots, at, first);
            batch.addAll(slots, 0, count - first);
            INDEX.setRelease(indices, HEAD, head + count);
        }
        return count;
    }

    private int known(int wanted) {
        long head = indices[HEAD];
        if (indices[KNOWN_TAIL] - head < wanted) {
            indices[KNOWN_TAIL] = (long) INDEX.getAcquire(indices, TAIL);
        }
        return (int) Math.min(wanted, indices[KNOWN_TAIL] - head);
    }

    /** Whether there is nothing to take; exact for the taker. */
    public boolean isEmpty() {
        return (long) INDEX.getAcquire(indices, TAIL) == (long) INDEX.getAcquire(indices, HEAD);
    }

    /** Packets in it; any thread may ask, and gets what was true a moment ago. */
    public int size() {
        long head = (long) INDEX.getAcquire(indices, HEAD);
        long tail = (long) INDEX.getAcquire(indices, TAIL);
        return Math.clamp(tail - head, 0, slots.length);
    }
}
