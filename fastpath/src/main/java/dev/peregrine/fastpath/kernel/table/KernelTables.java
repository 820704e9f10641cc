package dev.peregrine.fastpath.kernel.table;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.MapType;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FlowKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables that the programs of the tier share with the gateway. The arrays are memory of both, so that a store of
 * the gateway is in force at once; the hashes are changed by system calls.
 *
 * <p>The maps are open to programs, which have their numbers in their instructions; the gateway uses the methods.
 *
 * <p>Closing gives them up; programs that are still attached keep the tables, but nobody reads or changes them any
 * more. Any thread may use the memory; {@link #vtep} belongs to one.
 */
public final class KernelTables implements AutoCloseable {
    private static final int ADDRESS_BYTES = 16;
    private static final ValueLayout.OfLong NETWORK = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** The slot of each flow, by {@link KernelKey}. */
    public final BpfMap flows;

    /** The state of each flow: {@link Slot}. */
    public final BpfMap slots;

    /** Epochs of the last change: 0 everywhere, 1 + s in segment s. */
    public final BpfMap epochs;

    /** State words that decisions rest on. */
    public final BpfMap watches;

    /** The packets in the gateway. */
    public final Orders orders;

    /** The tunnel port of each VTEP, by its address, IPv4 mapped into IPv6. */
    public final BpfMap vteps;

    /** {@link Outcome}s. */
    public final BpfMap outcomes;

    /** One word: until when the program at the underlay sheds, by the clock of {@link System#nanoTime}; 0 is never. */
    public final BpfMap shedding;

    private final Epoch epoch;
    private final List<BpfMap> maps = new ArrayList<>();
    private final MemorySegment address = Arena.ofAuto().allocate(ADDRESS_BYTES, Long.BYTES);
    private final MemorySegment number = Arena.ofAuto().allocate(JAVA_INT);

    /**
     * Makes empty tables.
     *
     * @param flows the most flows
     * @param segments segments have indices below this
     * @param watches the number of state words; 0 is the number of none
     * @param vteps the most VTEPs
     */
    public KernelTables(int flows, int segments, int watches, int vteps) throws LinuxException {
        this(flows, segments, null, watches, vteps);
    }

    /**
     * The same with state words of somebody else, who closes them later than these tables.
     *
     * @param watches an array of words
     */
    public KernelTables(int flows, int segments, BpfMap watches, int vteps) throws LinuxException {
        this(flows, segments, watches, 0, vteps);
    }

    private KernelTables(int flows, int segments, @Nullable BpfMap given, int watches, int vteps)
            throws LinuxException {
        try {
            this.flows = own(BpfMap.hash(MapType.HASH, "pg_flows", KernelKey.SIZE, Integer.BYTES, flows));
            slots = own(BpfMap.array("pg_slots", Slot.SIZE, flows));
            epochs = own(BpfMap.array("pg_epochs", Long.BYTES, 1 + segments, Arena.ofAuto()));
            this.watches = given != null ? given : own(words(Math.max(1, watches)));
            orders = new Orders();
            own(orders.map);
            this.vteps = own(BpfMap.hash(MapType.HASH, "pg_vteps", ADDRESS_BYTES, Integer.BYTES, vteps));
            outcomes = own(BpfMap.array("pg_outcomes", Long.BYTES, Outcome.values().length));
            shedding = own(BpfMap.array("pg_shedding", Long.BYTES, 1));
            epoch = new Epoch(segments, epochs.memory());
        } catch (LinuxException e) {
            close();
            throw e;
        }
    }

    /** State words, all 0, whose memory lasts as long as it is used. */
    public static BpfMap words(int count) throws LinuxException {
        return BpfMap.array("pg_watches", Long.BYTES, count, Arena.ofAuto());
    }

    private BpfMap own(BpfMap map) {
        maps.add(map);
        return map;
    }

    /** As {@link #vtep(long, long, int)}. */
    public void vtep(InetAddress vtep, int port) throws LinuxException {
        ByteBuffer bytes = ByteBuffer.allocate(ADDRESS_BYTES);
        if (vtep instanceof Inet4Address) {
            bytes.putLong(0).putInt(0xffff);
        }
        bytes.put(vtep.getAddress());
        vtep(bytes.getLong(0), bytes.getLong(Long.BYTES), port);
    }

    /** Names the tunnel port of a VTEP: only packets from VTEPs that have one can be of flows. */
    public void vtep(long addressHigh, long addressLow, int port) throws LinuxException {
        address.set(NETWORK, 0, addressHigh);
        address.set(NETWORK, Long.BYTES, addressLow);
        number.set(JAVA_INT, 0, port);
        vteps.update(address, number);
    }

    /**
     * Ends all decisions in a segment that are older than a change; everywhere if it is -1. For an epoch that is not
     * {@link #epoch}, as its {@link Epoch.Mirror}. Any thread, also when the tables are closed.
     */
    public void changed(int segment, long change) {
        long at = (1L + segment) * Long.BYTES;
        long before = (long) BpfMemory.LONG.getVolatile(epochs.memory(), at);
        while (before < change && !BpfMemory.LONG.compareAndSet(epochs.memory(), at, before, change)) {
            before = (long) BpfMemory.LONG.getVolatile(epochs.memory(), at);
        }
    }

    /** Forgets the tunnel port of a VTEP: its packets are of no flow any more. */
    public void forgetVtep(long addressHigh, long addressLow) throws LinuxException {
        address.set(NETWORK, 0, addressHigh);
        address.set(NETWORK, Long.BYTES, addressLow);
        vteps.delete(address);
    }

    /**
     * The changes that end decisions, of programs and of user space: one store is in force in both. Stays in use when
     * the tables are closed.
     */
    public Epoch epoch() {
        return epoch;
    }

    /**
     * The state words, by their number: a store here is a store of the programs' words, too. The memory lasts as long
     * as it is used, also when the tables are closed.
     */
    public MemorySegment watches() {
        return watches.memory();
    }

    /** Wire packets with an outcome so far. */
    public long count(Outcome outcome) {
        return (long) BpfMemory.LONG.getAcquire(outcomes.memory(), (long) outcome.index() * Long.BYTES);
    }

    /**
     * The order counter of a datagram to the tunnel's port, by its source. Any thread; allocates nothing. The gateway
     * counts every datagram that it receives, whatever is in it.
     */
    public int order(long addressHigh, long addressLow, int port) {
        return orders.of(addressHigh, addressLow, port);
    }

    /**
     * The order counter of a frame that comes from a local port, by its flow. Any thread; allocates nothing. The
     * gateway counts every frame of a port with a program that has a key, and segments of TCP that open or close a
     * connection, too: theirs is that of their flow.
     */
    public int order(FlowKey key) {
        return orders.of(key);
    }

    /**
     * Packets that programs left to the gateway have left it, or were dropped: called behind the last write. Any
     * thread.
     *
     * @param order as {@link #order} gives it
     * @param amount of datagrams the bytes of UDP payload, as received; of frames the wire packets
     */
    public void settled(int order, long amount) {
        orders.settled(order, amount);
    }

    /** The packets in the gateway now, of all that have this order counter. */
    public long pending(int order) {
        long out = orders.out(order);
        return orders.in(order) - out;
    }

    @Override
    public void close() {
        maps.forEach(BpfMap::close);
    }
}
