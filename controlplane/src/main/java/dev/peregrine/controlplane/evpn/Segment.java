package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourEntry;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one VNI's shadow devices.
 *
 * <p>A station is behind a VTEP while the bridge's entry leads to the VXLAN device and that device's own entry names
 * the VTEP: the latter stays when a station has moved to a local port, and a move may change one of them alone.
 */
final class Segment {
    /** The bit of a MAC address by which it is a group's. */
    private static final long GROUP = 0x01_00_00_00_00_00L;

    /** All that is known of one MAC address. */
    private static final class Entries {
        /** Number of the port that the bridge's entry leads to; 0 for none. */
        int port;
        /** That the VXLAN device's own entry names. */
        @Nullable
        IpAddress vtep;

        /** Of neighbours that a control plane has made, in their order. */
        List<IpAddress> addresses = List.of();

        /** Of other neighbours, in their order. */
        List<IpAddress> ownAddresses = List.of();

        Claim.@Nullable Station claim;
        boolean isSticky;

        boolean isEmpty() {
            return port == 0 && vtep == null && addresses.isEmpty() && ownAddresses.isEmpty();
        }
    }

    /** A neighbour of the bridge. */
    record Neighbour(long mac, boolean isRemote) {}

    private final Shadow shadow;
    private final KernelPicture picture;
    private final Map<Long, Entries> stations = new HashMap<>();
    private final Set<IpAddress> members = new HashSet<>();
    private final Map<IpAddress, Neighbour> neighbours = new HashMap<>();

    /** By MAC address: that with which another VTEP can have taken a station of ours. */
    private final Map<Long, Integer> sequences = new HashMap<>();

    private int locals;

    Segment(Shadow shadow, KernelPicture picture) {
        this.shadow = shadow;
        this.picture = picture;
    }

    Shadow shadow() {
        return shadow;
    }

    int size() {
        return stations.size();
    }

    /** Forgets the entries, and keeps the sequence numbers. */
    void clear() {
        stations.clear();
        members.clear();
        neighbours.clear();
        locals = 0;
    }

    void entry(NeighbourEntry entry) {
        if (entry.index() == shadow.bridge()) {
            neighbour(entry);
        } else if (entry.family() != NeighbourEntry.BRIDGE) {
            return; // neighbours of the ports
        } else if (entry.master() == shadow.bridge()) {
            leads(entry);
        } else if (entry.isSelf() && entry.index() == shadow.vxlan()) {
            names(entry);
        }
    }

    /** The bridge's entry: to which port. Its own addresses are permanent. */
    private void leads(NeighbourEntry entry) {
        if ((entry.state() & NeighbourEntry.PERMANENT) != 0) {
            return;
        }
        Entries found = find(entry.mac(), !entry.removed());
        if (found == null || (entry.removed() && found.port != entry.index())) {
            return;
        }
        boolean wasLocal = found.port == shadow.port();
        found.port = entry.removed() ? 0 : entry.index();
        boolean isLocal = found.port == shadow.port();
        locals += Boolean.compare(isLocal, wasLocal);
        found.isSticky = entry.isSticky();
        settle(entry.mac(), found);
        if (wasLocal && !isLocal) {
            picture.output().localChanged(shadow.vni(), entry.mac());
        }
    }

    /** The VXLAN device's own entry: to which VTEP. That without a MAC address names one that gets flooded frames. */
    private void names(NeighbourEntry entry) {
        IpAddress vtep = KernelPicture.address(entry.address());
        if (vtep == null) {
            if (!entry.removed()) {
                picture.output().malformed(null, unusable(entry));
            }
        } else if (entry.mac() == 0) {
            member(vtep, entry.removed());
        } else {
            Entries found = find(entry.mac(), !entry.removed());
            if (found == null || (entry.removed() && !vtep.equals(found.vtep))) {
                return;
            }
            found.vtep = entry.removed() ? null : vtep;
            settle(entry.mac(), found);
        }
    }

    private String unusable(NeighbourEntry entry) {
        String where = "VNI " + shadow.vni() + ", MAC " + AddressText.mac(entry.mac());
        return entry.nexthopGroup() == 0
                ? where + ": the entry of the VXLAN device names no VTEP"
                : where + ": it is behind a group of VTEPs (an Ethernet segment), which is not supported";
    }

    private void member(IpAddress vtep, boolean removed) {
        if (removed && members.remove(vtep)) {
            picture.output().vanished(new Claim.MemberKey(shadow.vni(), vtep));
            release(vtep, true);
        } else if (!removed && members.add(vtep)) {
            picture.hold(vtep);
            picture.output().claim(new Claim.Member(shadow.vni(), vtep, true));
        }
    }

    private void neighbour(NeighbourEntry entry) {
        IpAddress address = KernelPicture.address(entry.address());
        if (address == null || entry.family() == NeighbourEntry.BRIDGE || (entry.mac() & GROUP) != 0) {
            return; // the kernel's own neighbours are groups
        }
        boolean gone = entry.removed() || entry.isUnanswered() || entry.mac() == 0;
        if (!gone && !neighbours.containsKey(address) && neighbours.size() >= KernelPicture.MAX_STATIONS) {
            return;
        }
        Neighbour now = gone ? null : new Neighbour(entry.mac(), entry.isExternallyLearned());
        Neighbour before = now == null ? neighbours.remove(address) : neighbours.put(address, now);
        if (before != null && !before.equals(now)) {
            unbind(address, before);
        }
        if (now != null && !now.equals(before)) {
            bind(address, now);
        }
    }

    private void bind(IpAddress address, Neighbour now) {
        Entries found = find(now.mac(), true);
        if (found != null && found.addresses.size() + found.ownAddresses.size() < Claim.Station.MAX_ADDRESSES) {
            if (now.isRemote()) {
                found.addresses = with(found.addresses, address);
            } else {
                found.ownAddresses = with(found.ownAddresses, address);
            }
            settle(now.mac(), found);
        }
    }

    private void unbind(IpAddress address, Neighbour before) {
        Entries found = find(before.mac(), false);
        if (found == null) {
            return;
        }
        if (before.isRemote()) {
            found.addresses = without(found.addresses, address);
        } else {
            found.ownAddresses = without(found.ownAddresses, address);
            picture.output().localChanged(shadow.vni(), before.mac());
        }
        settle(before.mac(), found);
    }

    private static List<IpAddress> with(List<IpAddress> addresses, IpAddress further) {
        return Stream.concat(addresses.stream(), Stream.of(further)).sorted().toList();
    }

    private static List<IpAddress> without(List<IpAddress> addresses, IpAddress gone) {
        return addresses.stream().filter(other -> !other.equals(gone)).toList();
    }

    private @Nullable Entries find(long mac, boolean create) {
        Entries found = stations.get(mac);
        if (found == null && create) {
            if (!picture.admit()) {
                picture.output()
                        .malformed(null, "more than " + KernelPicture.MAX_STATIONS + " stations: the rest is ignored");
                return null;
            }
            found = new Entries();
            stations.put(mac, found);
        }
        return found;
    }

    /** Tells what changed for a station. */
    private void settle(long mac, Entries entries) {
        Claim.Station before = entries.claim;
        IpAddress vtep = entries.port == shadow.vxlan() ? entries.vtep : null;
        Claim.Station now = vtep == null
                ? null
                : new Claim.Station(
                        shadow.vni(), mac, vtep, sequences.getOrDefault(mac, 0), entries.isSticky, entries.addresses);
        entries.claim = now;
        if (now != null && !now.equals(before)) {
            if (before == null || !before.vtep().equals(vtep)) {
                picture.hold(now.vtep());
            }
            picture.output().claim(now);
        }
        if (before != null && (now == null || !now.vtep().equals(before.vtep()))) {
            boolean replaced = now != null || entries.port == shadow.port();
            if (replaced) {
                picture.output().replaced(before.key());
            } else {
                picture.output().vanished(before.key());
            }
            release(before.vtep(), !replaced);
        }
        if (entries.isEmpty()) {
            stations.remove(mac);
            picture.forget();
        }
    }

    private void release(IpAddress vtep, boolean vanished) {
        if (picture.release(vtep)) {
            Claim.VtepKey key = new Claim.VtepKey(vtep);
            if (vanished) {
                picture.output().vanished(key);
            } else {
                picture.output().replaced(key);
            }
        }
    }

    void claims(Consumer<Claim> claims) {
        members.forEach(vtep -> claims.accept(new Claim.Member(shadow.vni(), vtep, true)));
        for (Entries entries : stations.values()) {
            if (entries.claim != null) {
                claims.accept(entries.claim);
            }
        }
    }

    /**
     * A station was announced as ours. Zebra counts by itself and does not tell; whoever takes the station has a higher
     * sequence number than ours.
     */
    void announced(long mac, int sequence) {
        sequences.put(mac, sequence + 1);
    }

    /** A station is not announced any more. */
    void unannounced(long mac) {
        sequences.remove(mac);
    }

    /** Whether the bridge's entry leads to our port. */
    boolean isLocal(long mac) {
        Entries found = stations.get(mac);
        return found != null && found.port == shadow.port();
    }

    /** Whether the bridge's entry leads to another VTEP. */
    boolean isRemote(long mac) {
        Entries found = stations.get(mac);
        return found != null && found.port == shadow.vxlan();
    }

    /** The neighbour of an address, if there is one. */
    @Nullable
    Neighbour neighbour(IpAddress address) {
        return neighbours.get(address);
    }

    /** The addresses of our neighbours with a MAC address. */
    List<IpAddress> ownAddresses(long mac) {
        Entries found = stations.get(mac);
        return found == null ? List.of() : found.ownAddresses;
    }

    /** The MAC addresses that have entries of ours. */
    List<Long> ownMacs() {
        List<Long> macs = new ArrayList<>();
        stations.forEach((mac, entries) -> {
            if (entries.port == shadow.port() || !entries.ownAddresses.isEmpty()) {
                macs.add(mac);
            }
        });
        return macs;
    }

    /** How many entries lead to our port. */
    int locals() {
        return locals;
    }
}
