package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Ports;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;

/**
 * The forwarding database: (segment, MAC) → port, for all segments together.
 *
 * <p>One thread writes, the control thread: it alone calls every method that is not documented as safe for any thread.
 * Workers read through a {@link FdbReader} each, without locks. {@link FdbLimits} bound the entries that there are, and
 * those that learning makes. MACs are 48-bit values, not zero and not group addresses; times are {@link
 * System#nanoTime} readings.
 */
public final class Fdb {
    /** One more than the highest segment index. */
    public static final int MAX_SEGMENTS = 1 << 16;

    /** The most entries that a table can be made for. */
    public static final int MAX_CAPACITY = 1 << 24;

    /** Stands for every segment or every port in {@link #flush}. */
    public static final int ANY = -1;

    private final FdbEntries entries;
    private final FdbLimits limits;
    private final FdbGiven given;
    private final FdbSegments segments = new FdbSegments();
    private final FdbPorts ports = new FdbPorts();
    private final FdbListeners listeners = new FdbListeners();
    private final AgeingTime ageing = new AgeingTime();

    /** The origin of an entry, which decides whether it ages and moves. */
    public enum Kind {
        /** Ages, and moves with its MAC. */
        DYNAMIC,
        /** Ages, but stays at its port. */
        STICKY,
        /** Neither ages nor moves. */
        STATIC,
        /** Of a control plane: does not age, and moves to a local port where its MAC shows up. */
        CONTROL,
        /** Of a control plane, which says that the MAC never moves (RFC 7432 section 15.2): neither ages nor moves. */
        CONTROL_STICKY;

        /** Whether learning makes and ages such entries, within its limits. */
        public boolean isLearned() {
            return this == DYNAMIC || this == STICKY;
        }

        /** Whether a control plane has made the entry. */
        public boolean isControl() {
            return this == CONTROL || this == CONTROL_STICKY;
        }
    }

    /** The outcome of {@link #learn}. */
    public enum Learned {
        /** There is a new entry. */
        ADDED,
        /** The entry was refreshed. */
        REFRESHED,
        /** The entry leads to another port than before. */
        MOVED,
        /** An entry that learning does not move leads elsewhere and stays. */
        BOUND,
        /** The port went down since the frame came in by it. */
        DOWN,
        /** The segment, the port or the table is full. */
        REFUSED
    }

    /** Sees entries. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Visits one entry; {@code seenNanos} is the time at which its MAC was last seen, for a static entry at which
         * it was added.
         */
        void entry(int segment, long mac, int port, Kind kind, long seenNanos);
    }

    /** Selects entries. */
    @FunctionalInterface
    public interface Choice {
        /** Whether this entry is selected; the parameters are those of {@link Visitor#entry}. */
        boolean test(int segment, long mac, int port, Kind kind, long seenNanos);
    }

    /** An empty table for at most {@code capacity} entries, 1 to {@link #MAX_CAPACITY}. */
    public Fdb(int capacity) {
        this(capacity, slots -> new FdbTable(slots, ThreadLocalRandom.current().nextLong()));
    }

    /** Takes tables of a number of slots from {@code tables}, which may fail for lack of memory. */
    Fdb(int capacity, IntFunction<FdbTable> tables) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("FDB capacity " + capacity + " is not in 1.." + MAX_CAPACITY);
        }
        entries = new FdbEntries(tables);
        limits = new FdbLimits(capacity, segments, ports);
        given = new FdbGiven(entries, limits, listeners);
    }

    /**
     * The most bytes of heap that a table for {@code capacity} entries takes: two arrays, while one replaces the other.
     */
    public static long bytes(int capacity) {
        return 2L * FdbTable.bytes(FdbEntries.slots(capacity));
    }

    /** Whether a MAC can stand in the table: a unicast address other than zero. */
    public static boolean isUnicast(long mac) {
        return mac != 0 && !EthernetHeader.isGroup(mac);
    }

    /** A reader that looks up entries, for one worker. */
    public FdbReader reader() {
        return new FdbReader(this);
    }

    /** Hear of what changes here. */
    public FdbListeners listeners() {
        return listeners;
    }

    FdbTable table() {
        return entries.table();
    }

    /** Limits of the table, its segments and its ports. */
    public FdbLimits limits() {
        return limits;
    }

    /** Entries now. */
    public int size() {
        return entries.size();
    }

    /** Counts of a segment, for any thread. */
    public FdbSegment segment(int segment) {
        return segments.get(segment);
    }

    /**
     * Sets what learning may do in a segment. A lower limit removes nothing by itself.
     *
     * @param limit the most dynamic entries that learning makes, 0 to let it make none
     * @param ageingNanos the silence after which a dynamic entry expires; 0 keeps it
     */
    public void configure(int segment, int limit, long ageingNanos) {
        segments.configure(segment, limit, ageingNanos);
        ageing.forget();
    }

    /**
     * Marks a local port as down, as the kernel's bridge does when a port loses its carrier: removes the dynamic and
     * sticky entries that lead to it, since its hosts may be elsewhere now; frames that came in by it before make no
     * new ones. Static entries stay. Ports are up until this is called.
     */
    public void portDown(int port) {
        ports.down(port, true);
        if (ports.hasEntries(port)) {
            flush(ANY, port, false);
        }
    }

    /** Marks a local port as up again: frames that come in by it make entries. */
    public void portUp(int port) {
        ports.down(port, false);
    }

    /**
     * Forgets a local port, which is down, with its settings and counts, and removes what static entries lead to it:
     * another may have its number from now on.
     */
    public void forgetPort(int port) {
        flush(ANY, port, true);
        ports.forget(port);
    }

    /** Forgets a segment with its entries, settings and counts: another may have its index from now on. */
    public void forgetSegment(int segment) {
        flush(segment, ANY, true);
        limits.reserve(segment, 0);
        segments.forget(segment);
    }

    /** Learns that a frame from {@code mac} came in by {@code port}: makes, moves or refreshes its entry. */
    public Learned learn(int segment, long mac, int port, long nowNanos) {
        FdbTable table = entries.table();
        assert isUnicast(mac) : "not a unicast MAC";
        if (ports.isDown(port)) {
            return Learned.DOWN;
        }
        FdbSegment its = segment(segment);
        long key = FdbTable.key(segment, mac);
        int slot = table.find(key);
        long old = entries.value(slot);
        if (old == FdbTable.ABSENT) {
            if (!limits.hasRoom(segment, port, entries.size())) {
                limits.refuse(segment, port);
                return Learned.REFUSED;
            }
            entries.store(key, slot, FdbTable.value(port, Kind.DYNAMIC), nowNanos);
            limits.count(segment, port, Kind.DYNAMIC, 1);
            its.learned();
            listeners.made(segment, mac, port, Kind.DYNAMIC);
            return Learned.ADDED;
        }
        if (FdbTable.port(old) == port) {
            table.seen(slot, nowNanos);
            return Learned.REFRESHED;
        }
        if (FdbTable.isBound(old) || (FdbTable.isControl(old) && Ports.isTunnel(port))) {
            return Learned.BOUND;
        }
        return move(slot, old, port, nowNanos);
    }

    private Learned move(int slot, long old, int port, long nowNanos) {
        FdbTable table = entries.table();
        long key = table.key(slot);
        int segment = FdbTable.segment(key);
        int from = FdbTable.port(old);
        limits.count(segment, from, FdbTable.kind(old), -1);
        if (FdbTable.isControl(old) ? !limits.hasRoom(segment, port, entries.size() - 1) : ports.isFull(port)) {
            limits.count(segment, from, FdbTable.kind(old), 1);
            limits.refuse(segment, port);
            return Learned.REFUSED;
        }
        limits.count(segment, port, Kind.DYNAMIC, 1);
        entries.set(slot, FdbTable.value(port, Kind.DYNAMIC), nowNanos);
        segment(segment).moved();
        listeners.moved(segment, FdbTable.mac(key), from, port);
        listeners.changed(segment);
        listeners.made(segment, FdbTable.mac(key), port, Kind.DYNAMIC);
        return Learned.MOVED;
    }

    /** Makes a static or a dynamic entry; see {@link #add(int, long, int, Kind, long)}. */
    public boolean add(int segment, long mac, int port, boolean isStatic, long nowNanos) {
        return add(segment, mac, port, isStatic ? Kind.STATIC : Kind.DYNAMIC, nowNanos);
    }

    /**
     * Makes an entry for a command or the configuration, in place of any other for the MAC. Limits of segment and port
     * do not apply.
     *
     * @return false when the table is full
     */
    public boolean add(int segment, long mac, int port, Kind kind, long nowNanos) {
        FdbTable table = entries.table();
        if (!isUnicast(mac)) {
            throw new IllegalArgumentException("not a unicast MAC: " + Long.toHexString(mac));
        }
        segment(segment); // it must exist
        long key = FdbTable.key(segment, mac);
        int slot = table.find(key);
        long old = entries.value(slot);
        if (old == FdbTable.ABSENT && entries.size() >= limits.capacity()) {
            return false;
        }
        if (old == FdbTable.value(port, kind)) {
            table.seen(slot, nowNanos);
            return true; // nothing changed, so no decision is out of date
        }
        if (old == FdbTable.ABSENT) {
            entries.store(key, slot, FdbTable.value(port, kind), nowNanos);
        } else {
            limits.count(segment, FdbTable.port(old), FdbTable.kind(old), -1);
            entries.set(slot, FdbTable.value(port, kind), nowNanos);
        }
        limits.count(segment, port, kind, 1);
        listeners.changed(segment);
        listeners.made(segment, mac, port, kind);
        return true;
    }

    /** The entries that control planes give. */
    public FdbGiven given() {
        return given;
    }

    /** The port that the static entry of a MAC leads to; empty when the MAC has no static entry. */
    public OptionalInt staticPort(int segment, long mac) {
        long value = entries.value(entries.table().find(FdbTable.key(segment, mac)));
        return value != FdbTable.ABSENT && FdbTable.kind(value) == Kind.STATIC
                ? OptionalInt.of(FdbTable.port(value))
                : OptionalInt.empty();
    }

    /** Removes the entry of a MAC, static or not; false when there is none. */
    public boolean delete(int segment, long mac) {
        int slot = entries.table().find(FdbTable.key(segment, mac));
        if (entries.value(slot) == FdbTable.ABSENT) {
            return false;
        }
        remove(slot);
        return true;
    }

    /**
     * Removes entries.
     *
     * @param segment only those of this segment, or {@link #ANY}
     * @param port only those that lead to this port, or {@link #ANY}
     * @param staticToo static entries and those of control planes as well
     * @return the number of removed entries
     */
    public int flush(int segment, int port, boolean staticToo) {
        return removeIf((itsSegment, mac, itsPort, kind, seen) -> (segment == ANY || segment == itsSegment)
                && (port == ANY || port == itsPort)
                && (staticToo || kind.isLearned()));
    }

    /**
     * Removes the dynamic and sticky entries that were silent for their segment's ageing time; returns their number. It
     * looks at all entries only when one may have aged.
     */
    public int age(long nowNanos) {
        if (!ageing.isDue(nowNanos)) {
            return 0;
        }
        ageing.begin(nowNanos, segments.shortestAgeing());
        return removeIf(
                (segment, mac, port, kind, seen) -> kind.isLearned() && isAged(segment(segment), seen, nowNanos));
    }

    private boolean isAged(FdbSegment its, long seenNanos, long nowNanos) {
        if (!its.ages()) {
            return false;
        }
        boolean isOld = nowNanos - seenNanos >= its.ageing();
        if (isOld) {
            its.agedOut();
        } else {
            ageing.stays(seenNanos, its.ageing());
        }
        return isOld;
    }

    /** Visits every entry, in no order. */
    public void forEach(Visitor visitor) {
        entries.forEach(visitor);
    }

    /** Removes the selected entries; returns their number. */
    public int removeIf(Choice choice) {
        return entries.removeIf(choice, this::remove);
    }

    private void remove(int slot) {
        FdbTable table = entries.table();
        long value = table.value(slot);
        int segment = FdbTable.segment(table.key(slot));
        long mac = FdbTable.mac(table.key(slot));
        entries.remove(slot);
        limits.count(segment, FdbTable.port(value), FdbTable.kind(value), -1);
        listeners.changed(segment);
        listeners.gone(segment, mac);
    }
}
