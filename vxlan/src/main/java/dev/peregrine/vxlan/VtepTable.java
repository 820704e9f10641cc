package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The remote VTEPs: address to tunnel port and back. One bounded table for all workers; a look-up takes no lock.
 *
 * <p>The control thread inserts the configured ones; a worker that sees a datagram from an allowed, unknown address
 * inserts the address itself, so that the first packet of a new VTEP is not lost. Only then, once for each VTEP, does a
 * worker take the lock. Each kind has places of its own, so that unknown VTEPs from allowed networks cannot take those
 * of configured ones. A tunnel port means the same VTEP until that has been {@linkplain #retire retired}.
 *
 * <p>Addresses are found in a hash table with linear probing, which the control thread replaces when VTEPs retire.
 */
public final class VtepTable {
    /** The ingress port of a packet from an allowed VTEP that the table had no room for. */
    public static final int NO_ROOM = -2;

    /** The default number of VTEPs of each kind. */
    public static final int DEFAULT_CAPACITY = 4096;

    private static final long PRIME = 0xc2b2_ae3d_27d4_eb4fL;

    private final int udpPort;
    private final int capacity;
    private final int shift;
    private final AtomicReferenceArray<@Nullable RemoteVtep> byIndex;
    private final Object lock = new Object();
    private final Rejections rejections = new Rejections();

    /** Indices that no VTEP has, the next one last; under the lock. */
    private final int[] free;

    private int freeCount;
    private volatile AtomicReferenceArray<@Nullable RemoteVtep> slots;
    private volatile int seen;
    private volatile int configured;
    private volatile AllowList allowList = AllowList.CONFIGURED;

    /**
     * An empty table.
     *
     * @param udpPort the UDP port that remote VTEPs receive on
     * @param capacity the most VTEPs that are configured, and the most others
     */
    public VtepTable(int udpPort, int capacity) {
        if (capacity < 1 || capacity > 1 << 16) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        this.udpPort = udpPort;
        this.capacity = capacity;
        int places = 2 * capacity;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(places * 2 - 1);
        shift = Long.SIZE - bits;
        slots = new AtomicReferenceArray<>(1 << bits);
        byIndex = new AtomicReferenceArray<>(places);
        free = new int[places];
        while (freeCount < places) {
            free[freeCount] = places - 1 - freeCount++;
        }
    }

    /** The most VTEPs of each kind: configured ones, and others. */
    public int capacity() {
        return capacity;
    }

    /** One more than the highest index: the length of an array with a place for every VTEP. */
    public int slots() {
        return byIndex.length();
    }

    /** Number of VTEPs. */
    public int size() {
        return seen + configured;
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
            return found.isAllowedBy(list) ? found.port() : reject(high, low);
        }
        if (!list.contains(high, low)) {
            return reject(high, low);
        }
        RemoteVtep made = seen < capacity ? insert(new IpAddress(high, low), false) : null;
        return made == null ? NO_ROOM : made.port();
    }

    private int reject(long high, long low) {
        rejections.note(high, low, -1);
        return Packet.NO_PORT;
    }

    /** The addresses that datagrams came from which are not allowed; any thread may ask. */
    public Rejections rejections() {
        return rejections;
    }

    /** The VTEP with an address, or null. */
    public @Nullable RemoteVtep find(long high, long low) {
        AtomicReferenceArray<@Nullable RemoteVtep> current = slots;
        int mask = current.length() - 1;
        for (int slot = home(high, low); ; slot = (slot + 1) & mask) {
            RemoteVtep there = current.get(slot);
            if (there == null || there.hasAddress(high, low)) {
                return there;
            }
        }
    }

    /** The VTEP behind a tunnel port, or null. */
    public @Nullable RemoteVtep behind(int port) {
        int index = Ports.tunnelIndex(port);
        return index >= 0 && index < byIndex.length() ? byIndex.get(index) : null;
    }

    private int home(long high, long low) {
        long mixed = ((low ^ (low >>> 32)) * Mix.GOLDEN) ^ (high * PRIME);
        return (int) (((mixed ^ (mixed >>> 29)) * Mix.GOLDEN) >>> shift);
    }

    // ---- control ----------------------------------------------------------------------------------------------

    /** The VTEP with an address to send to; a new one is inserted. Null when there is no place for it. */
    public @Nullable RemoteVtep know(IpAddress address) {
        return insert(address, false);
    }

    /**
     * Inserts a configured VTEP, which {@link AllowList#CONFIGURED} allows; null when the places of configured ones are
     * taken.
     */
    public @Nullable RemoteVtep configure(IpAddress address) {
        synchronized (lock) {
            RemoteVtep there = find(address.high(), address.low());
            if (there == null) {
                return insert(address, true);
            }
            if (!there.isConfigured()) {
                if (configured == capacity) {
                    return null;
                }
                there.configure(true);
                configured++;
                seen--;
            }
            return there;
        }
    }

    /** Makes a VTEP one that the configuration no longer names: from now on the allow-list decides about it. */
    public void unconfigure(RemoteVtep vtep) {
        synchronized (lock) {
            if (vtep.isConfigured()) {
                vtep.configure(false);
                configured--;
                seen++;
            }
        }
    }

    /**
     * Removes VTEPs that are not configured. A worker that receives from one later inserts it again; packets that were
     * decided before still find it behind its tunnel port, until {@link #reuse}.
     */
    public void retire(Collection<RemoteVtep> unused) {
        synchronized (lock) {
            AtomicReferenceArray<@Nullable RemoteVtep> fresh = new AtomicReferenceArray<>(slots.length());
            for (RemoteVtep vtep : list()) {
                if (vtep.isConfigured() || !unused.contains(vtep)) {
                    put(fresh, vtep);
                } else {
                    seen--;
                }
            }
            slots = fresh;
        }
    }

    /** Frees the tunnel ports of retired VTEPs for others: no packet and no table may name them any more. */
    public void reuse(Collection<RemoteVtep> retired) {
        synchronized (lock) {
            for (RemoteVtep vtep : retired) {
                if (byIndex.get(vtep.index()) == vtep && !isListed(vtep)) {
                    byIndex.set(vtep.index(), null);
                    free[freeCount++] = vtep.index();
                }
            }
        }
    }

    /** Publishes the allow-list: it also holds for VTEPs that are already in the table. */
    public void allow(AllowList list) {
        allowList = list;
    }

    /** Whether datagrams from a VTEP are accepted now. */
    public boolean isAllowed(RemoteVtep vtep) {
        return vtep.isAllowedBy(allowList);
    }

    /** All VTEPs, including those that are no longer allowed. */
    public List<RemoteVtep> list() {
        List<RemoteVtep> all = new ArrayList<>();
        for (int i = 0; i < byIndex.length(); i++) {
            RemoteVtep vtep = byIndex.get(i);
            if (vtep != null && isListed(vtep)) {
                all.add(vtep);
            }
        }
        return all;
    }

    @SuppressWarnings("ReferenceEquality") // another with the same address may have come since
    private boolean isListed(RemoteVtep vtep) {
        return find(vtep.address().high(), vtep.address().low()) == vtep;
    }

    // ---- both -------------------------------------------------------------------------------------------------

    /** The entry of an address, made if it is missing; null when there is no room. */
    private @Nullable RemoteVtep insert(IpAddress address, boolean byConfiguration) {
        synchronized (lock) {
            RemoteVtep there = find(address.high(), address.low());
            if (there != null) {
                return there;
            }
            if ((byConfiguration ? configured : seen) >= capacity || freeCount == 0) {
                return null;
            }
            RemoteVtep entry = new RemoteVtep(free[--freeCount], address, udpPort, byConfiguration);
            byIndex.set(entry.index(), entry);
            put(slots, entry);
            if (byConfiguration) {
                configured++;
            } else {
                seen++;
            }
            return entry;
        }
    }

    private void put(AtomicReferenceArray<@Nullable RemoteVtep> into, RemoteVtep entry) {
        int mask = into.length() - 1;
        int slot = home(entry.address().high(), entry.address().low());
        while (into.get(slot) != null) {
            slot = (slot + 1) & mask;
        }
        into.set(slot, entry);
    }
}
