package dev.peregrine.fastpath.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.MapType;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.FlowKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The tables that the programs of the tier share with the gateway. The arrays are memory of both, so that a store of the
 * gateway is in force at once; the hashes are changed by system calls.
 *
 * <p>Closing gives the memory up; programs that are still attached keep the tables, but nobody reads or changes them any
 * more. Any thread may use the memory; {@link #vtep} belongs to one.
 */
public final class KernelTables implements AutoCloseable {
    /** Order counters: flows share one if their hashes do. */
    static final int ORDERS = 1 << 16;

    /** Bits of a hash that name an order counter. */
    static final int ORDER_BITS = 16;

    /** Of an order counter: wire packets that programs left to the gateway, and those of them that have left it. */
    static final int ORDER_IN = 0;

    static final int ORDER_OUT = 8;

    private static final int ORDER_SIZE = 16;
    private static final int ADDRESS_BYTES = 16;
    private static final int ENDS_WORD = 3;
    private static final int ADDRESS_WORDS = 4;
    private static final ValueLayout.OfLong NETWORK = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** The slot of each flow, by {@link KernelKey}. */
    final BpfMap flows;

    /** The state of each flow: {@link Slot}. */
    final BpfMap slots;

    /** Epochs of the last change: 0 everywhere, 1 + s in segment s. */
    final BpfMap epochs;

    /** State words that decisions rest on, from 1 on. */
    final BpfMap watches;

    final BpfMap orders;

    /** The tunnel port of each VTEP, by its address, IPv4 mapped into IPv6. */
    final BpfMap vteps;

    /** {@link Outcome}s. */
    final BpfMap outcomes;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment address = arena.allocate(ADDRESS_BYTES, Long.BYTES);
    private final MemorySegment number = arena.allocate(JAVA_INT);

    /**
     * Makes empty tables.
     *
     * @param flows the most flows
     * @param segments segments have indices below this
     * @param watches the number of state words
     * @param vteps the most VTEPs
     */
    public KernelTables(int flows, int segments, int watches, int vteps) throws LinuxException {
        this.flows = BpfMap.hash(MapType.HASH, "pg_flows", KernelKey.SIZE, Integer.BYTES, flows);
        slots = BpfMap.array("pg_slots", Slot.SIZE, flows);
        epochs = BpfMap.array("pg_epochs", Long.BYTES, 1 + segments);
        this.watches = BpfMap.array("pg_watches", Long.BYTES, 1 + watches);
        orders = BpfMap.array("pg_orders", ORDER_SIZE, ORDERS);
        this.vteps = BpfMap.hash(MapType.HASH, "pg_vteps", ADDRESS_BYTES, Integer.BYTES, vteps);
        outcomes = BpfMap.array("pg_outcomes", Long.BYTES, Outcome.values().length);
    }

    /** Names the tunnel port of a VTEP: only packets from VTEPs that have one can be of flows. */
    public void vtep(long addressHigh, long addressLow, int port) throws LinuxException {
        address.set(NETWORK, 0, addressHigh);
        address.set(NETWORK, Long.BYTES, addressLow);
        number.set(JAVA_INT, 0, port);
        vteps.update(address, number);
    }

    /** The state words, by their number from 1 on. A store here is a store of the programs' words, too. */
    public MemorySegment watches() {
        return watches.memory();
    }

    /** Wire packets with an outcome so far. */
    public long count(Outcome outcome) {
        return (long) BpfMemory.LONG.getAcquire(outcomes.memory(), (long) outcome.index() * Long.BYTES);
    }

    /**
     * Packets that programs left to the gateway have left it, or were dropped: called behind the last write. Any thread.
     *
     * @param order as {@link #order} gives it
     */
    public void settled(int order, int segments) {
        long at = (long) order * ORDER_SIZE + ORDER_OUT;
        BpfMemory.LONG.getAndAddRelease(orders.memory(), at, (long) segments);
    }

    /** Wire packets of flows with this order counter that are in the gateway now. */
    public long pending(int order) {
        long at = (long) order * ORDER_SIZE;
        long out = (long) BpfMemory.LONG.getAcquire(orders.memory(), at + ORDER_OUT);
        return (long) BpfMemory.LONG.getAcquire(orders.memory(), at + ORDER_IN) - out;
    }

    /** The order counter of a flow, by its {@link KernelKey}. As {@link FlowMatch} computes it. */
    static int order(MemorySegment key) {
        long hash = key.get(JAVA_LONG_UNALIGNED, KernelKey.TUNNEL);
        for (int at = KernelKey.ADDRESSES; at < KernelKey.SIZE; at += Long.BYTES) {
            hash = (hash * FlowMatch.FACTOR) ^ key.get(JAVA_LONG_UNALIGNED, at);
        }
        hash = (hash * FlowMatch.FACTOR) ^ (key.get(JAVA_INT_UNALIGNED, KernelKey.ENDS) & 0xffff_ffffL);
        return (int) ((hash * FlowMatch.FACTOR) >>> (Long.SIZE - ORDER_BITS));
    }

    /** The same, by the flow's words. */
    static int order(FlowKey key) {
        long hash = Long.reverseBytes(key.word(0));
        for (int i = ADDRESS_WORDS; i < FlowKey.WORDS; i++) {
            hash = (hash * FlowMatch.FACTOR) ^ Long.reverseBytes(key.word(i));
        }
        int ends = Integer.reverseBytes((int) (key.word(ENDS_WORD) >>> Integer.SIZE));
        hash = (hash * FlowMatch.FACTOR) ^ (ends & 0xffff_ffffL);
        return (int) ((hash * FlowMatch.FACTOR) >>> (Long.SIZE - ORDER_BITS));
    }

    /** Ends all decisions in a segment that are older than a change; everywhere if it is -1. Any thread. */
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

    @Override
    public void close() {
        for (BpfMap map : new BpfMap[] {flows, slots, epochs, watches, orders, vteps, outcomes}) {
            map.close();
        }
        arena.close();
    }
}
