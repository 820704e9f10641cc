package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.vxlan.IpAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps the entries of what is here as they are to be: a learned forwarding entry of each station on the shadow's port,
 * by which zebra announces the MAC address, and a neighbour for each of its addresses. It writes what is missing, takes
 * back what is not wanted any more, and leaves a station to the VTEP that took it until it is to be announced with
 * another sequence number.
 *
 * <p>One thread.
 */
final class LocalEntries {
    /** The entries that are written at once, so that others get their turn. */
    private static final int MAX_AT_ONCE = 1000;

    private record Key(int vni, long mac) {}

    private final KernelPicture picture;
    private final NeighbourSocket socket;
    private final Map<Key, Claim.Station> wanted = new HashMap<>();
    private final Map<Key, Integer> written = new HashMap<>();
    private final Set<Key> doubtful = new LinkedHashSet<>();

    LocalEntries(KernelPicture picture, NeighbourSocket socket) {
        this.picture = picture;
        this.socket = socket;
    }

    /** Sets what is to be there. */
    void want(List<Claim.Station> stations) {
        Map<Key, Claim.Station> before = Map.copyOf(wanted);
        wanted.clear();
        for (Claim.Station station : stations) {
            wanted.put(new Key(station.vni(), station.mac()), station);
        }
        wanted.forEach((key, station) -> {
            if (!station.equals(before.get(key))) {
                doubtful.add(key);
            }
        });
        before.keySet().stream().filter(key -> !wanted.containsKey(key)).forEach(doubtful::add);
    }

    /** An entry may not be as it is to be. */
    void doubt(int vni, long mac) {
        doubtful.add(new Key(vni, mac));
    }

    /** Nothing is known to be as it is to be: after a list of all, and when devices were made. */
    void doubtAll(Set<Integer> vnis) {
        doubtful.addAll(wanted.keySet());
        for (int vni : vnis) {
            Segment segment = picture.segment(vni);
            if (segment != null) {
                segment.ownMacs().forEach(mac -> doubt(vni, mac));
            }
        }
    }

    /** The devices of a VNI have gone, and all entries with them. */
    void devicesGone(int vni) {
        written.keySet().removeIf(key -> key.vni() == vni);
        wanted.keySet().stream().filter(key -> key.vni() == vni).forEach(doubtful::add);
    }

    boolean isDue() {
        return !doubtful.isEmpty();
    }

    /**
     * Mends some of what may not be as it is to be. A failed write is tried again the next time.
     *
     * @throws LinuxException the first failure
     */
    void mend() throws LinuxException {
        LinuxException failure = null;
        for (Key key : doubtful.stream().limit(MAX_AT_ONCE).toList()) {
            Segment segment = picture.segment(key.vni());
            try {
                if (segment != null) {
                    mend(segment, key);
                }
                doubtful.remove(key);
            } catch (LinuxException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void mend(Segment segment, Key key) throws LinuxException {
        Claim.Station station = wanted.get(key);
        if (station == null) {
            unbind(segment, key, List.of());
            if (segment.isLocal(key.mac())) {
                socket.forget(segment.shadow().port(), key.mac());
            }
            written.remove(key);
            segment.unannounced(key.mac());
            return;
        }
        Integer last = written.get(key);
        boolean isTaken = segment.isRemote(key.mac()) && last != null && last == station.sequence();
        if (isTaken) {
            return;
        }
        segment.announced(key.mac(), station.sequence());
        if (!segment.isLocal(key.mac())) {
            socket.learn(segment.shadow().port(), key.mac());
        }
        written.put(key, station.sequence());
        unbind(segment, key, station.addresses());
        for (IpAddress address : station.addresses()) {
            if (!new Segment.Neighbour(key.mac(), false).equals(segment.neighbour(address))) {
                socket.addNeighbour(segment.shadow().bridge(), address.toInetAddress(), key.mac());
            }
        }
    }

    /** Takes back neighbours of a station other than {@code kept}. */
    private void unbind(Segment segment, Key key, List<IpAddress> kept) throws LinuxException {
        for (IpAddress address : segment.ownAddresses(key.mac())) {
            if (!kept.contains(address)) {
                socket.deleteNeighbour(segment.shadow().bridge(), address.toInetAddress());
            }
        }
    }
}
