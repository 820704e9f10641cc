package dev.peregrine.fastpath.kernel.table;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.FlowKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the flows of the tier: installs, ends and frees them, and brings their counts home. One thread, the only
 * writer of {@link KernelTables}, except for the words that programs write.
 *
 * <pre>
 *   install ──► alive ── kill: one store ──► killed ── a grace period ──► counted for the last time, free
 *                 └── out of date: one store to {@link KernelTables#epoch}, and no older decision of its segment holds
 * </pre>
 */
public final class KernelFlows implements AutoCloseable {
    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final KernelTables tables;
    private final GracePeriod grace;
    private final LostPackets lost;
    private final MemorySegment scratch = Arena.ofAuto().allocate(KernelKey.SIZE, Long.BYTES);
    private final MemorySegment number = Arena.ofAuto().allocate(JAVA_INT);
    private final Map<ByteBuffer, KernelFlow> flows = new HashMap<>();
    private final List<KernelFlow> killed = new ArrayList<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final int capacity;
    private int used;

    /** Writes to empty tables for {@code capacity} flows. */
    public KernelFlows(KernelTables tables, int capacity) throws LinuxException {
        this.tables = tables;
        this.capacity = capacity;
        lost = new LostPackets(tables.orders);
        grace = new GracePeriod();
    }

    /** Flows now, those that were killed and are not free yet not counted. */
    public int size() {
        return flows.size();
    }

    /**
     * Puts a flow into the tier, in place of an older decision about it. Its packets go fast as soon as all that walked
     * have left the gateway.
     *
     * @param ingress the interface that it comes in by, or its VTEP's tunnel port: see {@link KernelKey}
     * @param sink takes its counts, on this thread
     * @return null where there is no slot free: kill some, and {@link #reclaim}
     */
    public @Nullable KernelFlow install(FlowKey key, int ingress, KernelDecision decision, KernelFlow.Sink sink)
            throws LinuxException {
        KernelKey.write(scratch, key, ingress);
        KernelFlow before = flows.get(scratch.asByteBuffer());
        if (before != null) {
            kill(before);
        }
        Integer slot = free.poll();
        if (slot == null) {
            if (used == capacity) {
                return null;
            }
            slot = used++;
        }
        MemorySegment own = MemorySegment.ofArray(new byte[KernelKey.SIZE]).copyFrom(scratch);
        KernelFlow flow = new KernelFlow(slot, own, decision, sink);
        write(slot, decision);
        MemorySegment.copy(own, 0, tables.slots.memory(), at(slot, Slot.KEY), KernelKey.SIZE);
        number.set(JAVA_INT, 0, slot);
        try {
            tables.flows.update(scratch, number);
        } catch (LinuxException e) {
            free.add(slot);
            throw e;
        }
        BpfMemory.LONG.setRelease(tables.slots.memory(), at(slot, Slot.ALIVE), 1L);
        flows.put(own.asByteBuffer(), flow);
        return flow;
    }

    /** Whether a flow has a decision that was made at this epoch, by this state; 0 without one. */
    public boolean isInstalled(FlowKey key, int ingress, long since, long seen) {
        KernelKey.write(scratch, key, ingress);
        KernelFlow flow = flows.get(scratch.asByteBuffer());
        return flow != null && flow.decision.since() == since && flow.decision.restsOn(seen);
    }

    /**
     * A flow that is in the tier; null if it is not.
     *
     * @param key the words of its {@link FlowKey}, big endian
     */
    public @Nullable KernelFlow find(ByteBuffer key, int ingress) {
        KernelKey.write(scratch, word -> key.getLong(word * Long.BYTES), ingress);
        return flows.get(scratch.asByteBuffer());
    }

    /** When the last packet of a flow went fast, or it was installed, by the clock of {@link System#nanoTime}. */
    public long usedNanos(KernelFlow flow) {
        return (long) BpfMemory.LONG.getAcquire(tables.slots.memory(), at(flow.slot, Slot.USED));
    }

    /** Ends all decisions. */
    public void killAll() throws LinuxException {
        for (KernelFlow flow : List.copyOf(flows.values())) {
            kill(flow);
        }
    }

    private static long at(int slot, int field) {
        return (long) slot * Slot.SIZE + field;
    }

    private void write(int slot, KernelDecision decision) {
        MemorySegment memory = tables.slots.memory().asSlice(at(slot, 0), Slot.SIZE);
        memory.fill((byte) 0);
        BpfMemory.LONG.set(memory, (long) Slot.SINCE, decision.since());
        BpfMemory.LONG.set(memory, (long) Slot.SEEN, decision.seen());
        BpfMemory.LONG.set(memory, (long) Slot.MASK, decision.mask());
        BpfMemory.LONG.set(memory, (long) Slot.UNTIL, decision.until());
        BpfMemory.INT.set(memory, (long) Slot.SEGMENT, decision.segment());
        BpfMemory.INT.set(memory, (long) Slot.WATCH, decision.watch());
        BpfMemory.INT.set(memory, (long) Slot.IFINDEX, decision.ifindex());
        BpfMemory.INT.set(memory, (long) Slot.LIMIT, decision.limit());
        BpfMemory.INT.set(memory, (long) Slot.VNI, decision.vni());
        memory.set(NETWORK_SHORT, Slot.SOURCE_PORT, (short) decision.sourcePort());
        BpfMemory.LONG.set(memory, (long) Slot.USED, System.nanoTime());
        InetAddress remote = decision.remote();
        if (remote != null) {
            byte[] address = remote.getAddress();
            if (remote instanceof Inet6Address) {
                MemorySegment.copy(MemorySegment.ofArray(address), 0, memory, Slot.REMOTE, address.length);
            } else {
                int hostOrder =
                        ByteBuffer.wrap(address).order(ByteOrder.BIG_ENDIAN).getInt();
                BpfMemory.INT.set(memory, (long) Slot.REMOTE, hostOrder);
            }
        }
    }

    /**
     * Ends a decision by one store: packets that come from now on walk. Runs that have begun end in a grace period.
     */
    public void kill(KernelFlow flow) throws LinuxException {
        if (flow.isKilled) {
            return;
        }
        flow.isKilled = true;
        BpfMemory.LONG.setVolatile(tables.slots.memory(), at(flow.slot, Slot.ALIVE), 0L);
        flows.remove(flow.key.asByteBuffer());
        killed.add(flow);
        scratch.copyFrom(flow.key);
        tables.flows.delete(scratch);
    }

    /** Frees the slots of killed flows, after one grace period for all; returns how many. */
    public int reclaim() throws LinuxException {
        List<KernelFlow> gone = takeKilled();
        if (!gone.isEmpty()) {
            grace.await();
            free(gone);
        }
        return gone.size();
    }

    /**
     * The flows that were killed since the last call: to be given to {@link #free} behind a grace period that begins
     * later.
     */
    public List<KernelFlow> takeKilled() {
        List<KernelFlow> gone = List.copyOf(killed);
        killed.clear();
        return gone;
    }

    /** Counts the last packets of killed flows, and gives their slots to others. */
    public void free(List<KernelFlow> gone) {
        for (KernelFlow flow : gone) {
            report(flow);
            free.add(flow.slot);
        }
    }

    /** Brings the counts of all flows to their sinks: each packet is told once. */
    public void collect() {
        flows.values().forEach(this::report);
    }

    private void report(KernelFlow flow) {
        MemorySegment slots = tables.slots.memory();
        long packets = (long) BpfMemory.LONG.getAcquire(slots, at(flow.slot, Slot.PACKETS));
        flow.report(packets, (long) BpfMemory.LONG.getAcquire(slots, at(flow.slot, Slot.BYTES)));
    }

    /** Kills the flows that had no packet for a while; returns how many. {@link #reclaim} frees their slots. */
    public int sweep(long nowNanos, long idleNanos) throws LinuxException {
        List<KernelFlow> idle = new ArrayList<>();
        for (Iterator<KernelFlow> all = flows.values().iterator(); all.hasNext(); ) {
            KernelFlow flow = all.next();
            if (nowNanos - usedNanos(flow) > idleNanos) {
                idle.add(flow);
            }
        }
        for (KernelFlow flow : idle) {
            kill(flow);
        }
        return idle.size();
    }

    /** The state that a decision rests on has a new value, under which it holds as before. */
    public void refresh(KernelFlow flow, long seen) {
        BpfMemory.LONG.setVolatile(tables.slots.memory(), at(flow.slot, Slot.SEEN), seen);
    }

    /** The state that a decision rests on lives until a time by {@link System#nanoTime}, at least. */
    public void renew(KernelFlow flow, long until) {
        if (!flow.isKilled) {
            BpfMemory.LONG.setVolatile(tables.slots.memory(), at(flow.slot, Slot.UNTIL), until);
        }
    }

    /** Waits until no packet follows a decision that has ended: then a command may answer. Any thread. */
    public void confirm() throws LinuxException {
        grace.await();
    }

    /**
     * Has the program at the underlay drop packets of flows that are not settled, until a time by
     * {@link System#nanoTime}; 0 ends it. For a gateway whose queue is full anyway: their packets in the queue leave,
     * nothing is counted meanwhile, losses can be written off, and the flows go fast from then on. The program's clock
     * has ticks of some milliseconds.
     */
    public void shedUntil(long nanos) {
        BpfMemory.LONG.setVolatile(tables.shedding.memory(), 0L, nanos);
    }

    /**
     * First half of the remedy for packets that the kernel lost between a program and the gateway, whose flows would
     * walk for ever: notes the flows that are not settled. Afterwards wait for a grace period; then let every worker
     * have a turn in which it finds all its sockets and devices empty and writes all that it has; then
     * {@link #writeOffLosses}.
     */
    public void noteLosses() {
        lost.note();
    }

    /**
     * Second half: settles those that had no packet since {@link #noteLosses}; returns how many order counters that
     * were. Without the empty turns in between, packets would overtake others.
     */
    public int writeOffLosses() {
        return lost.writeOff();
    }

    /** Order counters that the last call could not settle, since packets came all the time: their flows walk. */
    public int stuck() {
        return lost.stuck();
    }

    /** Forgets the flows. Their last packets are not told: kill and reclaim before. */
    @Override
    public void close() {
        grace.close();
    }
}
