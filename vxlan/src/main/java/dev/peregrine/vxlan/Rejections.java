package dev.peregrine.vxlan;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The different kinds of datagrams that were rejected: the first {@value #CAPACITY} of them, for the log. A kind is an
 * address, or a sender with a VNI. Any thread may note and read; a kind that is known costs one look-up, a new one a
 * lock, which happens at most {@value #CAPACITY} times.
 */
public final class Rejections {
    /** The most kinds that are kept. */
    public static final int CAPACITY = 64;

    private static final int PLACES = 4 * CAPACITY;
    private static final long PRIME = 0x9e37_79b9_7f4a_7c15L;

    private final AtomicReferenceArray<@Nullable Rejection> places = new AtomicReferenceArray<>(PLACES);
    private final List<Rejection> inOrder = new ArrayList<>();
    private final AtomicReference<@Nullable Rejection> last = new AtomicReference<>();
    private volatile boolean isFull;

    /** No kinds. */
    public Rejections() {}

    /**
     * A kind of rejected datagrams.
     *
     * @param high the first 64 bits of an address, or 0
     * @param low the last 64 bits of the address, or a tunnel port
     * @param vni of the datagrams; -1 where that does not matter
     */
    public record Rejection(long high, long low, int vni) {}

    /** Notes that a datagram was rejected. */
    @SuppressWarnings("ReferenceEquality") // each kind is one object
    void note(long high, long low, int vni) {
        int place = home(high, low, vni);
        for (int i = 0; i < PLACES; i++) {
            Rejection there = places.get(place);
            if (there == null) {
                add(high, low, vni);
                return;
            }
            if (there.low == low && there.high == high && there.vni == vni) {
                if (last.getPlain() != there) {
                    last.setRelease(there);
                }
                return;
            }
            place = (place + 1) % PLACES;
        }
    }

    private static int home(long high, long low, int vni) {
        long mixed = ((high ^ PRIME) * PRIME ^ low) * PRIME + vni;
        mixed = (mixed ^ (mixed >>> 32)) * PRIME;
        return (int) (mixed >>> 40) & (PLACES - 1);
    }

    private void add(long high, long low, int vni) {
        if (isFull) {
            return;
        }
        synchronized (inOrder) {
            Rejection made = new Rejection(high, low, vni);
            if (inOrder.size() == CAPACITY) {
                isFull = true;
            } else if (!inOrder.contains(made)) {
                int place = home(high, low, vni);
                while (places.get(place) != null) {
                    place = (place + 1) % PLACES;
                }
                places.set(place, made);
                inOrder.add(made);
                last.setRelease(made);
            }
        }
    }

    /** The kinds from number {@code from} on, in the order in which they came. */
    public List<Rejection> since(int from) {
        synchronized (inOrder) {
            return List.copyOf(inOrder.subList(from, inOrder.size()));
        }
    }

    /** The kind of the last rejected datagram of those that are kept; null before the first. */
    public @Nullable Rejection last() {
        return last.getAcquire();
    }

    /** Whether there were more kinds than are kept. */
    public boolean isFull() {
        return isFull;
    }
}
