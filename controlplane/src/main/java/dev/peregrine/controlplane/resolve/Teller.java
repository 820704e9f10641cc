package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settles what has changed, and tells the tables in what that differs from what they were told: first VTEPs that came,
 * then stations, their addresses and members, at last VTEPs that have gone.
 */
final class Teller {
    /** Changes of a VNI's members within this time are told together. */
    private static final long PAUSE = 10_000_000L;

    /** Members whose list costs as much time as a station. */
    private static final int MEMBERS_PER_STATION = 8;

    private final Model model;
    private final Mobility mobility;

    /** Entries that the tables did not take: offered again at {@link #retryAt}. */
    private final ArrayDeque<Runnable> refused = new ArrayDeque<>();

    private final ArrayDeque<Claimant.Vtep> leaving = new ArrayDeque<>();
    private long retryAt;
    private boolean hasToldMembers;
    private long toldMembersAt;
    private int left;

    Teller(Model model, Mobility mobility) {
        this.model = model;
        this.mobility = mobility;
    }

    /** Offers again what the tables did not take; returns in how many nanoseconds there is more to tell. */
    long tick() {
        if (!refused.isEmpty() && model.now - retryAt >= 0) {
            refused.forEach(Runnable::run);
            refused.clear();
        }
        if (hasWork()) return 0;
        long next = refused.isEmpty() ? Long.MAX_VALUE : retryAt - model.now;
        return model.dirtyVnis.isEmpty() ? next : Math.min(next, untilMembers());
    }

    private boolean hasWork() {
        return !model.dirtyVteps.isEmpty() || !model.dirtyStations.isEmpty() || !model.dirtyAddresses.isEmpty();
    }

    private long untilMembers() {
        VniState first = model.dirtyVnis.peek();
        if (first != null && first.planes.isEmpty()) return 0;
        return hasToldMembers ? Math.max(0, PAUSE - (model.now - toldMembersAt)) : 0;
    }

    private void again(Runnable offer) {
        if (refused.isEmpty()) retryAt = model.now + Resolver.RETRY_NANOS;
        refused.add(offer);
    }

    /** Tells at most {@code max} differences; returns whether more can be told at once. */
    boolean drain(TableChanges tables, int max) {
        left = max;
        while (left > 0 && !model.dirtyVteps.isEmpty()) settle(model.dirtyVteps.remove(), tables);
        while (left > 0 && !model.dirtyStations.isEmpty()) settle(model.dirtyStations.remove(), tables);
        while (left > 0 && !model.dirtyAddresses.isEmpty()) settle(model.dirtyAddresses.remove(), tables);
        if (untilMembers() == 0 && !hasWork()) tellMembers(tables);
        if (model.dirtyVnis.isEmpty() && !hasWork()) forgetVteps(tables);
        return hasWork() || (!model.dirtyVnis.isEmpty() && untilMembers() == 0);
    }

    private void settle(Claimant.Vtep vtep, TableChanges tables) {
        vtep.isDirty = false;
        if (vtep.claimants.isEmpty()) {
            leaving.add(vtep);
            return;
        }
        Claimant first = vtep.first();
        String plane = first.plane.name();
        if (plane.equals(vtep.toldPlane) && first.node().equals(vtep.toldNode)) return;
        left--;
        boolean isTaken = tables.vtep(vtep.address, plane, first.node());
        vtep.toldPlane = isTaken ? plane : null;
        vtep.toldNode = first.node();
        if (!isTaken) again(() -> model.changed(vtep));
    }

    private void settle(Station station, TableChanges tables) {
        left--; // settling costs what telling does
        mobility.decide(station);
        station.isDirty = false;
        for (HeldClaim.OfStation claim = station.claims; claim != null; claim = claim.nextOfStation) {
            for (int i = 0; i < claim.addressCount(); i++) model.changed(claim.address(i));
        }
        tell(station, station.winner, tables);
        model.removeIfUnused(station);
    }

    private void tell(Station station, HeldClaim.@Nullable OfStation winner, TableChanges tables) {
        int vni = station.vni.vni;
        boolean isToldAgain = station.isToldAgain;
        station.isToldAgain = false;
        if (winner == null) {
            if (station.told == null) return;
            station.told = null;
            tables.stationGone(vni, station.mac);
            return;
        }
        Claimant claimant = winner.claimant;
        boolean isSame = !isToldAgain
                && station.told == claimant
                && station.toldSequence == winner.sequence
                && station.toldSticky == winner.sticky;
        boolean isFrozen = station.moves != null && station.moves.isFrozen;
        if (isSame || (isFrozen && !isToldAgain && station.told == claimant)) return;
        boolean wasThere = station.told != null;
        if (tables.station(
                vni, station.mac, claimant.vtep.address, claimant.plane.name(), winner.sequence, winner.sticky)) {
            station.told = claimant;
            station.toldSequence = winner.sequence;
            station.toldSticky = winner.sticky;
            return;
        }
        station.told = null;
        if (wasThere) tables.stationGone(vni, station.mac);
        again(() -> {
            if (station.winner != null) model.changed(station);
        });
    }

    private void settle(Station.Address address, TableChanges tables) {
        left--;
        address.isDirty = false;
        HeldClaim.OfStation best = address.best();
        int vni = address.vni.vni;
        if (best == null) {
            if (address.told != null) tables.neighbourGone(vni, address.address());
            address.told = null;
            address.toldPlane = null;
        } else if (address.told != best.station || address.toldPlane != best.claimant.plane) {
            boolean wasThere = address.told != null;
            address.told = best.station;
            address.toldPlane = best.claimant.plane;
            if (!tables.neighbour(vni, address.address(), best.station.mac, best.claimant.plane.name())) {
                address.told = null;
                if (wasThere) tables.neighbourGone(vni, address.address());
                again(() -> {
                    if (address.best() != null) model.changed(address);
                });
            }
        }
        model.removeIfUnused(address);
    }

    private void tellMembers(TableChanges tables) {
        boolean isTime = !hasToldMembers || model.now - toldMembersAt >= PAUSE;
        for (int vnis = model.dirtyVnis.size(); vnis > 0 && left > 0; vnis--) {
            if (!isTime && untilMembers() > 0) return;
            VniState vni = model.dirtyVnis.remove();
            vni.isDirty = false;
            List<IpAddress> vteps = vni.floodList();
            left -= vteps.size() / MEMBERS_PER_STATION;
            hasToldMembers = true;
            toldMembersAt = model.now;
            if (vni.isToldAgain || !vteps.equals(vni.told)) {
                left--;
                vni.isToldAgain = !tables.members(vni.vni, Collections.unmodifiableList(vteps)); // else it has some
                if (vni.isToldAgain) again(() -> model.changed(vni));
                else vni.told = vteps;
            }
            model.removeIfUnused(vni);
        }
    }

    private void forgetVteps(TableChanges tables) {
        Claimant.Vtep vtep;
        while ((vtep = leaving.poll()) != null) {
            if (!vtep.claimants.isEmpty() || vtep.isDirty) continue;
            if (vtep.toldPlane != null) tables.vtepGone(vtep.address);
            vtep.toldPlane = null;
            model.vteps.remove(vtep.address, vtep);
        }
    }

    /**
     * Takes it that the tables may have nothing of what they were told about a VNI. They may have it, too: what goes
     * before it is told again is taken back from them.
     */
    void tellAgain(VniState vni) {
        Consumer<Station> ofStation = station -> {
            station.isToldAgain = true;
            model.changed(station);
        };
        model.walks.add(vni.new Walk(ofStation, address -> {
            address.toldPlane = null;
            model.changed(address);
        }));
        vni.isToldAgain = true;
        model.changed(vni);
    }
}
