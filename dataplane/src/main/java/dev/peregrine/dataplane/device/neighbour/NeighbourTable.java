package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.Shares;
import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The MAC of each known IP address, by segment: the source of answers to ARP and neighbour discovery.
 *
 * <p>The control thread writes; workers {@link #find} without locks. Bounded by the limits of the segments, within
 * which ports can have {@linkplain #reserve places of their own}. Addresses are 128-bit numbers, IPv4 mapped into IPv6
 * (RFC 4291 section 2.5.5.2); times are {@link System#nanoTime} readings.
 */
public final class NeighbourTable {
    private static final int MIN_SLOTS = 64;

    /** Makes the order of the slots unpredictable, so that no tenant can choose addresses that collide. */
    private final long seed = new SplittableRandom().nextLong();

    private final Shares segments = new Shares();
    private volatile AtomicReferenceArray<@Nullable Neighbour> slots = new AtomicReferenceArray<>(MIN_SLOTS);
    private volatile boolean[] suppressed = new boolean[0];
    private Share[] shares = new Share[0];
    private boolean used;
    private int size;

    /** One segment's settings and count. */
    private static final class Share {
        private final Shares learned = new Shares();
        private long ageingNanos;
        private final Counter refused = new Counter();
    }

    /** Learned entries count for the local port that they were learned from, or for all tunnels together. */
    private static int user(int port) {
        return Math.min(port, Ports.FIRST_TUNNEL);
    }

    /** Sees entries. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Visits one entry; {@code seenNanos} is the time at which its host was last seen, for a static entry at which
         * it was added; a doubted one is not answered for.
         */
        void entry(int segment, long high, long low, long mac, boolean isStatic, boolean isDoubted, long seenNanos);
    }

    /** A table that learns at most {@code capacity} entries. */
    public NeighbourTable(int capacity) {
        segments.places(capacity);
    }

    // ---- workers ----------------------------------------------------------------------------------------------

    /** For each segment whether requests for hosts behind tunnels are answered here; read once per batch. */
    boolean[] suppressed() {
        return suppressed;
    }

    /** The entry of an address, or null. */
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

    // ---- control ----------------------------------------------------------------------------------------------

    /** Sets the most entries that are learned. */
    public void capacity(int most) {
        segments.places(most);
    }

    /** Removes what was learned from a local port: another may have its number from now on. */
    public void forgetPort(int port) {
        removeIf(entry -> !entry.isStatic && entry.port == port);
    }

    /** Forgets a segment with its entries and settings: another may have its index from now on. */
    public void forgetSegment(int segment) {
        removeIf(entry -> entry.segment == segment);
        configure(segment, false, 0, 0);
        segments.reserve(segment, 0);
        shares[segment] = new Share();
    }

    /** Gives a segment places of its own, so that others cannot fill the table with theirs. */
    public void reserve(int segment, int places) {
        segments.reserve(segment, places);
    }

    /**
     * Says what happens in a segment.
     *
     * @param suppress whether requests for hosts behind tunnels are answered here
     * @param limit the most entries that learning makes
     * @param ageingNanos after which silence a learned entry goes; 0 keeps it
     */
    public void configure(int segment, boolean suppress, int limit, long ageingNanos) {
        int before = shares.length;
        shares = Arrays.copyOf(shares, Math.max(before, segment + 1));
        for (int i = before; i < shares.length; i++) {
            shares[i] = new Share();
        }
        shares[segment].learned.places(limit);
        shares[segment].ageingNanos = ageingNanos;
        boolean[] changed = Arrays.copyOf(suppressed, Math.max(suppressed.length, segment + 1));
        changed[segment] = suppress;
        suppressed = changed;
        used |= suppress;
    }

    /**
     * Gives a port of a segment that was configured, or with a tunnel port all tunnels, places of its own within the
     * segment's limit, so that a host that claims many addresses cannot keep those of others from being learned.
     */
    public void reserve(int segment, int port, int places) {
        shares[segment].learned.reserve(user(port), places);
    }

    /** Whether requests are, or were, answered in any segment. */
    public boolean isUsed() {
        return used;
    }

    /** Entries now. */
    public int size() {
        return size;
    }

    /** Entries of a segment now. */
    public int size(int segment) {
        int[] count = new int[1];
        forEach((itsSegment, high, low, mac, isStatic, isDoubted, seen) -> count[0] += itsSegment == segment ? 1 : 0);
        return count[0];
    }

    /** Entries of a segment that learning did not make, because the segment was full; each message counts. */
    public long refused(int segment) {
        return shares[segment].refused.value();
    }

    /** Makes a static entry, in place of any other for the address; the segment's limit does not count. */
    public void add(int segment, long high, long low, long mac, long nowNanos) {
        delete(segment, high, low);
        insert(new Neighbour(segment, high, low, mac, false, true, Packet.NO_PORT, nowNanos));
    }

    /** Notes that a host behind a port said which MAC an address has; a static entry stays. */
    void learn(int segment, int port, long high, long low, long mac, boolean isRouter, long nowNanos) {
        Neighbour old = find(segment, high, low);
        if (segment >= shares.length || (old != null && old.isStatic)) {
            return;
        }
        if (old != null && old.mac == mac && old.isRouter == isRouter) {
            old.seen(nowNanos);
        } else if (old != null) {
            replace(old, new Neighbour(segment, high, low, mac, isRouter, false, port, nowNanos));
        } else if (!shares[segment].learned.hasRoom(user(port)) || !segments.hasRoom(segment)) {
            shares[segment].refused.add(1);
        } else {
            insert(new Neighbour(segment, high, low, mac, isRouter, false, port, nowNanos));
        }
    }

    /** Whether a learned entry is answered for at once, whose host was silent for so long; later it is asked itself. */
    public static boolean isConfirmed(long silentNanos) {
        return silentNanos < NeighbourDoubts.CONFIRMED_NANOS;
    }

    /** Whether the entry of an address is static; false when there is none. */
    public boolean isStatic(int segment, long high, long low) {
        Neighbour entry = find(segment, high, low);
        return entry != null && entry.isStatic;
    }

    /** Removes the entry of an address; false when there is none. */
    public boolean delete(int segment, long high, long low) {
        return removeIf(entry -> entry.has(segment, high, low)) > 0;
    }

    /** Removes the learned entries that were silent for their segment's ageing time; returns how many. */
    public int age(long nowNanos) {
        return removeIf(entry -> {
            long ageing = shares[entry.segment].ageingNanos;
            return !entry.isStatic && ageing > 0 && nowNanos - entry.seenNanos() >= ageing;
        });
    }

    /** Shows every entry, in no order. */
    public void forEach(Visitor visitor) {
        for (int slot = 0; slot < slots.length(); slot++) {
            Neighbour entry = slots.get(slot);
            if (entry != null) {
                visitor.entry(
                        entry.segment,
                        entry.high,
                        entry.low,
                        entry.mac,
                        entry.isStatic,
                        entry.isDoubted(),
                        entry.seenNanos());
            }
        }
    }

    private void insert(Neighbour entry) {
        if (size >= slots.length() / 2) {
            rebuild(any -> true, slots.length() * 2);
        }
        put(slots, entry);
        count(entry, 1);
    }

    private void count(Neighbour entry, int change) {
        size += change;
        if (!entry.isStatic) {
            shares[entry.segment].learned.count(user(entry.port), change);
            segments.count(entry.segment, change);
        }
    }

    private void put(AtomicReferenceArray<@Nullable Neighbour> into, Neighbour entry) {
        int mask = into.length() - 1;
        int slot = home(entry.segment, entry.high, entry.low) & mask;
        while (into.get(slot) != null) {
            slot = (slot + 1) & mask;
        }
        into.set(slot, entry);
    }

    private void replace(Neighbour old, Neighbour entry) {
        int mask = slots.length() - 1;
        int slot = home(old.segment, old.high, old.low) & mask;
        while (slots.get(slot) != old) {
            slot = (slot + 1) & mask;
        }
        slots.set(slot, entry);
        count(old, -1);
        count(entry, 1);
    }

    /** Removes what fits; a reader that is under way goes on in the old slots. */
    private int removeIf(Predicate<Neighbour> unwanted) {
        int before = size;
        for (int slot = 0; slot < slots.length(); slot++) {
            Neighbour entry = slots.get(slot);
            if (entry != null && unwanted.test(entry)) {
                count(entry, -1);
            }
        }
        if (size < before) {
            rebuild(unwanted.negate(), slots.length());
        }
        return before - size;
    }

    private void rebuild(Predicate<Neighbour> wanted, int length) {
        AtomicReferenceArray<@Nullable Neighbour> old = slots;
        int needed = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, size)) * 4);
        AtomicReferenceArray<@Nullable Neighbour> fresh = new AtomicReferenceArray<>(Math.min(length, needed));
        for (int slot = 0; slot < old.length(); slot++) {
            Neighbour entry = old.get(slot);
            if (entry != null && wanted.test(entry)) {
                put(fresh, entry);
            }
        }
        slots = fresh;
    }
}
