package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.AgeingTime;
import dev.peregrine.dataplane.device.fdb.Shares;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The MAC of each known IP address, by segment: the source of answers to ARP and neighbour discovery.
 *
 * <p>The control thread writes; workers {@link #find} without locks. An entry of the configuration stays before one of
 * a control plane, and that before a learned one. Learned ones are bounded by the limits of the segments, within which
 * ports can have {@linkplain #reserve places of their own}. Addresses are 128-bit numbers, IPv4 mapped into IPv6 (RFC
 * 4291 section 2.5.5.2); times are {@link System#nanoTime} readings.
 */
public final class NeighbourTable {
    private final NeighbourSlots slots = new NeighbourSlots();
    private final Shares segments = new Shares();
    private volatile boolean[] suppressed = new boolean[0];
    private Share[] shares = new Share[0];
    private VacancyListener vacancies = (segment, high, low) -> {};
    private boolean used;
    private final AgeingTime ageing = new AgeingTime();

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
         * Visits one entry; {@code seenNanos} is the time at which its host was last seen, for one that was not learned
         * at which it was added; a doubted one is not answered for.
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
        return slots.find(segment, high, low);
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
        ageing.forget();
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
        return slots.size();
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
        Neighbour entry = find(segment, high, low);
        if (entry != null && entry.origin == Neighbour.Origin.CONTROL) {
            remove(entry);
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
        Neighbour entry = find(segment, high, low);
        if (entry == null) {
            return false;
        }
        remove(entry);
        tellIfStatic(entry);
        return true;
    }

    /**
     * Removes the learned entries that were silent for their segment's ageing time; returns how many. It looks at all
     * entries only when one may have aged.
     */
    public int age(long nowNanos) {
        if (!ageing.isDue(nowNanos)) {
            return 0;
        }
        ageing.begin(nowNanos, shortestAgeing());
        return removeIf(entry -> entry.isLearned() && isAged(entry, nowNanos));
    }

    private long shortestAgeing() {
        long shortest = Long.MAX_VALUE;
        for (Share share : shares) {
            if (share.ageingNanos > 0) {
                shortest = Math.min(shortest, share.ageingNanos);
            }
        }
        return shortest;
    }

    private boolean isAged(Neighbour entry, long nowNanos) {
        long its = shares[entry.segment].ageingNanos;
        if (its <= 0) {
            return false;
        }
        boolean isOld = nowNanos - entry.seenNanos() >= its;
        if (!isOld) {
            ageing.stays(entry.seenNanos(), its);
        }
        return isOld;
    }

    /** Shows every entry, in no order. */
    public void forEach(Visitor visitor) {
        slots.forEach(entry -> visitor.entry(
                entry.segment, entry.high, entry.low, entry.mac, entry.origin, entry.isDoubted(), entry.seenNanos()));
    }

    /** Puts an entry in the place of the one that its address has, or into a new one. */
    private void put(Neighbour entry) {
        grow(entry.segment);
        Neighbour old = slots.put(entry);
        if (old != null) {
            count(old, -1);
        }
        count(entry, 1);
    }

    private void count(Neighbour entry, int change) {
        shares[entry.segment].entries += change;
        if (entry.isLearned()) {
            shares[entry.segment].learned.count(user(entry.port), change);
            segments.count(entry.segment, change);
        }
    }

    /** Removes what fits; returns how many. */
    private int removeIf(Predicate<Neighbour> unwanted) {
        List<Neighbour> gone = new ArrayList<>();
        slots.forEach(entry -> {
            if (unwanted.test(entry)) {
                gone.add(entry);
            }
        });
        for (Neighbour entry : gone) {
            remove(entry);
            tellIfStatic(entry);
        }
        return gone.size();
    }

    private void tellIfStatic(Neighbour gone) {
        if (gone.origin == Neighbour.Origin.CONFIG) {
            vacancies.vacated(gone.segment, gone.high, gone.low);
        }
    }

    private void remove(Neighbour entry) {
        slots.remove(entry);
        count(entry, -1);
    }
}
