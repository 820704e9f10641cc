package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.resolve.TableChanges;
import dev.peregrine.dataplane.device.fdb.FdbGiven;
import dev.peregrine.gateway.port.ClaimedVteps;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes entries of what control planes are believed. Look-ups find them at once; remembered decisions and flood groups
 * follow with {@link #publish}, once for many changes. On the control thread.
 */
final class ClaimedEntries implements TableChanges {
    private static final Logger log = LoggerFactory.getLogger(ClaimedEntries.class);

    private final Segments segments;
    private final Tables tables;
    private final LocalStations local;

    /** VTEPs that no plane names any more, while others may, and entries that were learned may lead to them. */
    private final Set<IpAddress> unnamed = new LinkedHashSet<>();

    private boolean tellsOfRoom = true;
    private long changes;

    ClaimedEntries(Segments segments, Tables tables, LocalStations local) {
        this.segments = segments;
        this.tables = tables;
        this.local = local;
    }

    @Override
    public boolean vtep(IpAddress vtep, String plane, String node) {
        if (tables.vteps().configure(vtep) == null) {
            tellOfRoom("VTEPs", tables.vteps().capacity());
            return false;
        }
        tables.claimedVteps().add(vtep, new ClaimedVteps.Naming(plane, node));
        unnamed.remove(vtep);
        changes++;
        return true;
    }

    @Override
    public void vtepGone(IpAddress vtep) {
        tables.claimedVteps().remove(vtep);
        unnamed.add(vtep);
        changes++;
    }

    @Override
    public boolean station(int vni, long mac, IpAddress vtep, String plane, int sequence, boolean sticky) {
        OptionalInt segment = segments.indexOf(vni);
        RemoteVtep remote = tables.vteps().find(vtep.high(), vtep.low());
        if (segment.isEmpty() || remote == null) {
            return false;
        }
        FdbGiven.Outcome outcome =
                tables.fdb().given().set(segment.getAsInt(), mac, remote.port(), sticky, System.nanoTime());
        switch (outcome) {
            case GIVEN -> {
                local.overtaken(segment.getAsInt(), mac);
                changes++;
            }
            case FULL -> tellOfRoom("FDB entries", tables.fdb().limits().capacity());
            case BOUND -> {} // the resolver hears of that entry, too
        }
        return outcome == FdbGiven.Outcome.GIVEN;
    }

    @Override
    public void stationGone(int vni, long mac) {
        segments.indexOf(vni).ifPresent(segment -> tables.fdb().given().remove(segment, mac));
        changes++;
    }

    @Override
    public boolean neighbour(int vni, IpAddress address, long mac, String plane) {
        OptionalInt segment = segments.indexOf(vni);
        changes++;
        return segment.isPresent()
                && tables.bridge()
                        .neighbours()
                        .give(segment.getAsInt(), address.high(), address.low(), mac, System.nanoTime());
    }

    @Override
    public void neighbourGone(int vni, IpAddress address) {
        segments.indexOf(vni)
                .ifPresent(segment -> tables.bridge().neighbours().takeBack(segment, address.high(), address.low()));
        changes++;
    }

    @Override
    public boolean members(int vni, List<IpAddress> vteps) {
        OptionalInt segment = segments.indexOf(vni);
        if (segment.isEmpty()) {
            return vteps.isEmpty();
        }
        int[] ports = vteps.stream()
                .map(vtep -> tables.vteps().find(vtep.high(), vtep.low()))
                .filter(remote -> remote != null)
                .mapToInt(RemoteVtep::port)
                .toArray();
        tables.claimedFlood(segment.getAsInt(), ports);
        changes++;
        return ports.length == vteps.size();
    }

    private void tellOfRoom(String what, int capacity) {
        if (tellsOfRoom) {
            tellsOfRoom = false;
            log.warn(
                    "control planes claim more than there is room for: {} {}. The others are tried again once a second",
                    capacity,
                    what);
        }
    }

    /** Ends remembered decisions that are out of date, and has floods go where they are to go now. */
    void publish() {
        tables.fdb().given().publish();
        tables.publishClaimedFloods();
    }

    /** Takes the VTEPs that planes have ceased to name since the last call. */
    List<IpAddress> takeUnnamed() {
        List<IpAddress> taken = List.copyOf(unnamed);
        unnamed.clear();
        tellsOfRoom |= !taken.isEmpty();
        return taken;
    }

    /** Changes that were made since the start. */
    long changes() {
        return changes;
    }
}
