package dev.peregrine.vxlan;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The remote VTEPs: address to tunnel port and back. One table for all workers, bounded, without locks.
 *
 * <p>Entries are only ever inserted, so a tunnel port always means the same VTEP. The control thread inserts the
 * configured ones; a worker that sees a datagram from an allowed address inserts that itself, so that the first packet
 * of a new VTEP is not lost. Open addressing: an entry's index is the slot that it was put in by compare-and-set.
 */
public final class VtepTable {
    /** The ingress port of a packet from an allowed VTEP that the table had no room for. */
    public static final int NO_ROOM = -2;

    /** The number of VTEPs that suits most uses. */
    public static final int DEFAULT_CAPACITY = 4096;

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
    private static final long PRIME = 0xc2b2_ae3d_27d4_eb4fL;

    private final int udpPort;
    private final int capacity;
    private final int shift;
    private final AtomicReferenceArray<@Nullable RemoteVtep> slots;
    private final AtomicInteger size = new AtomicInteger();
    private volatile AllowList allowList = AllowList.CONFIGURED;

    /**
     * An empty table.
     *
     * @param udpPort the UDP port that remote VTEPs receive on
     * @param capacity the most VTEPs that it takes
     */
    public VtepTable(int udpPort, int capacity) {
        if (capacity < 1 || capacity > 1 << 16) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        this.udpPort = udpPort;
        this.capacity = capacity;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(capacity * 2 - 1);
        shift = Long.SIZE - bits;
        slots = new AtomicReferenceArray<>(1 << bits);
    }

    /** The most VTEPs that the table takes. */
    public int capacity() {
        return capacity;
    }

    /** What indices stay below: the length of an array with a place for every VTEP. */
    public int slots() {
        return slots.length();
    }

    /** Number of VTEPs. */
    public int size() {
        return size.get();
    }

    // ---- workers ----------------------------------------------------------------------------------------------

    /**
     * The tunnel port of the VTEP with an address, which is inserted when it is new and allowed.
     *
     * @return {@link Packet#NO_PORT} when the address is not allowed, {@link #NO_ROOM} when the table is full
     */
    public int port(long high, long low) {
        AllowList list = allowList;
        RemoteVtep found = find(high, low);
        if (found != null) {
            return found.isAllowedBy(list) ? found.port() : Packet.NO_PORT;
        }
        if (!list.contains(high, low)) {
            return Packet.NO_PORT;
        }
        RemoteVtep made = insert(new IpAddress(high, low), false);
        return made == null ? NO_ROOM : made.port();
    }

    /** The VTEP with an address, or null. */
    public @Nullable RemoteVtep find(long high, long low) {
        int mask = slots.length() - 1;
        for (int slot = home(high, low); ; slot = (slot + 1) & mask) {
            RemoteVtep there = slots.get(slot);
            if (there == null || there.hasAddress(high, low)) {
                return there;
            }
        }
    }

    /** The VTEP behind a tunnel port, or null. */
    public @Nullable RemoteVtep behind(int port) {
        int index = Ports.tunnelIndex(port);
        return index >= 0 && index < slots.length() ? slots.get(index) : null;
    }

    private int home(long high, long low) {
        long mixed = ((low ^ (low >>> 32)) * GOLDEN) ^ (high * PRIME);
        return (int) (((mixed ^ (mixed >>> 29)) * GOLDEN) >>> shift);
    }

    // ---- control ----------------------------------------------------------------------------------------------

    /** The VTEP with an address, which is inserted when it is new, to be sent to; null when the table is full. */
    public @Nullable RemoteVtep know(IpAddress address) {
        return insert(address, false);
    }

    /** Inserts a configured VTEP, which {@link AllowList#CONFIGURED} allows; null when the table is full. */
    public @Nullable RemoteVtep configure(IpAddress address) {
        RemoteVtep vtep = insert(address, true);
        if (vtep != null) {
            vtep.configure(true);
        }
        return vtep;
    }

    /** The configuration names this VTEP no longer: from now on the allow-list decides about it. */
    public void unconfigure(RemoteVtep vtep) {
        vtep.configure(false);
    }

    /** Publishes the allow-list: it holds for the VTEPs that are there, too. */
    public void allow(AllowList list) {
        allowList = list;
    }

    /** Whether datagrams from a VTEP are accepted now. */
    public boolean isAllowed(RemoteVtep vtep) {
        return vtep.isAllowedBy(allowList);
    }

    /** All VTEPs, also those that are not allowed any more. */
    public List<RemoteVtep> list() {
        List<RemoteVtep> all = new ArrayList<>();
        for (int i = 0; i < slots.length(); i++) {
            RemoteVtep vtep = slots.get(i);
            if (vtep != null) {
                all.add(vtep);
            }
        }
        return all;
    }

    // ---- both -------------------------------------------------------------------------------------------------

    /** The entry of an address, made unless it is there; null when there is no room. */
    private @Nullable RemoteVtep insert(IpAddress address, boolean configured) {
        RemoteVtep there = find(address.high(), address.low());
        if (there != null) {
            return there;
        }
        if (size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            return find(address.high(), address.low());
        }
        RemoteVtep entry = place(address, configured);
        if (entry == null) {
            size.decrementAndGet();
            return find(address.high(), address.low());
        }
        return entry;
    }

    /** Puts a new entry into the first free slot; null when another thread put in the same address first. */
    private @Nullable RemoteVtep place(IpAddress address, boolean configured) {
        int mask = slots.length() - 1;
        for (int slot = home(address.high(), address.low()); ; slot = (slot + 1) & mask) {
            RemoteVtep entry = new RemoteVtep(slot, address, udpPort, configured);
            RemoteVtep witness = slots.compareAndExchange(slot, null, entry);
            if (witness == null) {
                return entry;
            }
            if (witness.hasAddress(address.high(), address.low())) {
                return null;
            }
        }
    }
}
