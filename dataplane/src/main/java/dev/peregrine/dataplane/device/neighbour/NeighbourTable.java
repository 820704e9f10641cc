package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.Shares;
import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The MAC of each known IP address, by segment: the source of answers to ARP and neighbour discovery.
 *
 * <p>The control thread writes; workers {@link #find} without locks. An entry of the configuration stays before one of a
 * control plane, and that before a learned one. Learned ones are bounded by the limits of the segments, within which
 * ports can have {@linkplain #reserve places of their own}. Addresses are 128-bit numbers, IPv4 mapped into IPv6
 * (RFC 4291 section 2.5.5.2); times are {@link System#nanoTime} readings.
 */
public final class NeighbourTable {
    private static final int MIN_SLOTS = 64;

    /** Stands where an entry was removed, so that a look-up goes on to those behind it. It has no address. */
    private static final Neighbour REMOVED =
            new Neighbour(-1, 0, 0, 0, false, Neighbour.Origin.LEARNED, Packet.NO_PORT, 0);

    /** Makes the order of the slots unpredictable, so that no tenant can choose addresses that collide. */
    private final long seed = new SplittableRandom().nextLong();

    private final Shares segments = new Shares();
    private volatile AtomicReferenceArray<@Nullable Neighbour> slots = new AtomicReferenceArray<>(MIN_SLOTS);
    private volatile boolean[] suppressed = new boolean[0];
    private Share[] shares = new Share[0];
    private VacancyListener vacancies = (segment, high, low) -> {};
    private boolean used;
    private int size;

    /** Slots that have or had an entry. */
    private int taken;

    /** One segment's settings and count. */
    private static final class Share {
        private final Shares learned = new Shares();
        private long ageingNanos;
        private int entries;
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
         * Visits one entry; {@code seenNanos} is the time at which its host was last seen, for one that was not learned at
         * which it was added; a doubted one is not answered for.
         */
        void entry(
                int segment, long high, long low, long mac, Neighbour.Origin origin, boolean isDoubted, long seenNanos);
    }

    /** Receives the addresses whose static entry has gone; must not change the table. */
    @FunctionalInterface
    public interface VacancyListener {
        /** The static entry of an address was removed: that of a control plane may take its place. */
        void vacated(int segment, long high, long low);
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

    /** Sets the listener that is told of static entries that are removed. */
    public void onVacancy(VacancyListener listener) {
        vacancies = listener;
    }

    /** Sets the most entries that are learned. */
    public void capacity(int most) {
        segments.places(most);
    }

    /** Removes what was learned from a local port: another may have its number from now on. */
    public void forgetPort(int port) {
        removeIf(entry -> entry.isLearned() && entry.port == port);
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
        grow(segment);
        shares[segment].learned.places(limit);
        shares[segment].ageingNanos = ageingNanos;
        boolean[] changed = Arrays.copyOf(suppressed, Math.max(suppressed.length, segment + 1));
        changed[segment] = suppress;
        suppressed = changed;
        used |= suppress;
    }

    private void grow(int segment) {
        int before = shares.length;
        shares = Arrays.copyOf(shares, Math.max(before, segment + 1));
        for (int i = before; i < shares.length; i++) {
            shares[i] = new Share();
        }
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
        return segment < shares.length ? shares[segment].entries : 0;
    }

    /** Entries of a segment that learning did not make, because the segment was full; each message counts. */
    public long refused(int segment) {
        return shares[segment].refused.value();
    }

    /** Makes a static entry, in place of any other for the address; the segment's limit does not count. */
    public void add(int segment, long high, long low, long mac, long nowNanos) {
        put(new Neighbour(segment, high, low, mac, false, Neighbour.Origin.CONFIG, Packet.NO_PORT, nowNanos));
    }

    /**
     * Makes an entry for a control plane, in place of any other for the address but a static one; the segment's limit
     * does not count.
     *
     * @return false when a static one stays
     */
    public boolean give(int segment, long high, long low, long mac, long nowNanos) {
        Neighbour old = find(segment, high, low);
        if (old != null && old.origin == Neighbour.Origin.CONFIG) {
            return false;
        }
        if (old == null || old.isLearned() || old.mac != mac) {
            put(new Neighbour(segment, high, low, mac, false, Neighbour.Origin.CONTROL, Packet.NO_PORT, nowNanos));
        }
        return true;
    }

    /** Removes the entry of an address if it is of a control plane. */
    public void takeBack(int segment, long high, long low) {
        int slot = slotOf(segment, high, low);
        Neighbour entry = slot < 0 ? null : slots.get(slot);
        if (entry != null && entry.origin == Neighbour.Origin.CONTROL) {
            remove(slot, entry);
            tidy();
        }
    }

    /** Notes that a host behind a port said which MAC an address has; an entry of another origin stays. */
    void learn(int segment, int port, long high, long low, long mac, boolean isRouter, long nowNanos) {
        Neighbour old = find(segment, high, low);
        if (segment >= shares.length || (old != null && !old.isLearned())) {
            return;
        }
        if (old != null && old.mac == mac && old.isRouter == isRouter) {
            old.seen(nowNanos);
        } else if (old == null && !hasRoom(segment, port)) {
            shares[segment].refused.add(1);
        } else {
            put(new Neighbour(segment, high, low, mac, isRouter, Neighbour.Origin.LEARNED, port, nowNanos));
        }
    }

    private boolean hasRoom(int segment, int port) {
        return shares[segment].learned.hasRoom(user(port)) && segments.hasRoom(segment);
    }

    /** Whether a learned entry is answered for at once, whose host was silent for so long; later it is asked itself. */
    public static boolean isConfirmed(long silentNanos) {
        return silentNanos < NeighbourDoubts.CONFIRMED_NANOS;
    }

    /** Whether the entry of an address is of a control plane; false when there is none. */
    public boolean isGiven(int segment, long high, long low) {
        Neighbour entry = find(segment, high, low);
        return entry != null && entry.origin == Neighbour.Origin.CONTROL;
    }

    /** Whether the entry of an address is static; false when there is none. */
    public boolean isStatic(int segment, long high, long low) {
        Neighbour entry = find(segment, high, low);
        return entry != null && entry.origin == Neighbour.Origin.CONFIG;
    }

    /** Removes the entry of an address; false when there is none. */
    public boolean delete(int segment, long high, long low) {
        int slot = slotOf(segment, high, low);
        Neighbour entry = slot < 0 ? null : slots.get(slot);
        if (entry == null) {
            return false;
        }
        remove(slot, entry);
        tidy();
        tellIfStatic(entry);
        return true;
    }

    /** Removes the learned entries that were silent for their segment's ageing time; returns how many. */
    public int age(long nowNanos) {
        return removeIf(entry -> {
            long ageing = shares[entry.segment].ageingNanos;
            return entry.isLearned() && ageing > 0 && nowNanos - entry.seenNanos() >= ageing;
        });
    }

    /** Shows every entry, in no order. */
    public void forEach(Visitor visitor) {
        for (int slot = 0; slot < slots.length(); slot++) {
            Neighbour entry = slots.get(slot);
            if (entry != null && isThere(entry)) {
                visitor.entry(
                        entry.segment,
                        entry.high,
                        entry.low,
                        entry.mac,
                        entry.origin,
                        entry.isDoubted(),
                        entry.seenNanos());
            }
        }
    }

    /** Puts an entry in the place of the one that its address has, or into a new one. */
    private void put(Neighbour entry) {
        grow(entry.segment);
        int slot = slotOf(entry.segment, entry.high, entry.low);
        if (slot >= 0) {
            count(Objects.requireNonNull(slots.get(slot)), -1);
            slots.set(slot, entry);
        } else {
            if (taken >= slots.length() / 2) {
                rebuild();
            }
            insert(slots, entry);
            taken++;
        }
        count(entry, 1);
    }

    private void count(Neighbour entry, int change) {
        size += change;
        shares[entry.segment].entries += change;
        if (entry.isLearned()) {
            shares[entry.segment].learned.count(user(entry.port), change);
            segments.count(entry.segment, change);
        }
    }

    private void insert(AtomicReferenceArray<@Nullable Neighbour> into, Neighbour entry) {
        int mask = into.length() - 1;
        int slot = home(entry.segment, entry.high, entry.low) & mask;
        while (into.get(slot) != null) {
            slot = (slot + 1) & mask;
        }
        into.set(slot, entry);
    }

    /** The slot of the entry of an address, or -1. */
    private int slotOf(int segment, long high, long low) {
        int mask = slots.length() - 1;
        for (int slot = home(segment, high, low) & mask; ; slot = (slot + 1) & mask) {
            Neighbour there = slots.get(slot);
            if (there == null) {
                return -1;
            }
            if (there.has(segment, high, low)) {
                return slot;
            }
        }
    }

    /** Removes what fits; returns how many. */
    private int removeIf(Predicate<Neighbour> unwanted) {
        int before = size;
        for (int slot = 0; slot < slots.length(); slot++) {
            Neighbour entry = slots.get(slot);
            if (entry != null && isThere(entry) && unwanted.test(entry)) {
                remove(slot, entry);
                tellIfStatic(entry);
            }
        }
        tidy();
        return before - size;
    }

    private void tellIfStatic(Neighbour gone) {
        if (gone.origin == Neighbour.Origin.CONFIG) {
            vacancies.vacated(gone.segment, gone.high, gone.low);
        }
    }

    /** The slot stays taken until the next {@link #rebuild}: readers that look for another entry go on behind it. */
    private void remove(int slot, Neighbour entry) {
        slots.set(slot, REMOVED);
        count(entry, -1);
    }

    /** Gives back memory when most of it is unused; so seldom that a removal costs the same on average as without. */
    private void tidy() {
        if (slots.length() > MIN_SLOTS && size < slots.length() / 16) {
            rebuild();
        }
    }

    @SuppressWarnings("ReferenceEquality") // there is one
    private static boolean isThere(Neighbour entry) {
        return entry != REMOVED;
    }

    /** Replaces the slots by as many as the entries need; a reader that is under way goes on in the old ones. */
    private void rebuild() {
        AtomicReferenceArray<@Nullable Neighbour> old = slots;
        int needed = Math.max(MIN_SLOTS, Integer.highestOneBit(3 * size + 1) * 2);
        AtomicReferenceArray<@Nullable Neighbour> fresh = new AtomicReferenceArray<>(needed);
        for (int slot = 0; slot < old.length(); slot++) {
            Neighbour entry = old.get(slot);
            if (entry != null && isThere(entry)) {
                insert(fresh, entry);
            }
        }
        taken = size;
        slots = fresh;
    }
}
