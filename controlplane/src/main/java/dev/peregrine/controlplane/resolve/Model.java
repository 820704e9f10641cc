package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that is claimed and local, by VNI and by VTEP, and what of it has changed since it was settled. */
final class Model {
    final IpAddress own;
    final Map<Integer, VniState> vnis = new LinkedHashMap<>();
    final Map<IpAddress, Claimant.Vtep> vteps = new HashMap<>();
    final ArrayDeque<Claimant.Vtep> dirtyVteps = new ArrayDeque<>();
    final ArrayDeque<Station> dirtyStations = new ArrayDeque<>();
    final ArrayDeque<Station.Address> dirtyAddresses = new ArrayDeque<>();
    final ArrayDeque<VniState> dirtyVnis = new ArrayDeque<>();

    /** Claims that go as soon as a tick comes to them. */
    final ArrayDeque<HeldClaim.Leaving> urgent = new ArrayDeque<>();

    /** Visits to all that a VNI has, which ticks go on with. */
    final ArrayDeque<VniState.Walk> walks = new ArrayDeque<>();

    /** The time of the last tick. */
    long now;

    private final long seed;

    /** The VNI that was looked up last: claims come VNI by VNI. */
    private @Nullable VniState latest;

    Model(IpAddress own, long seed) {
        this.own = own;
        this.seed = seed;
    }

    /** A VNI that is configured, or has something left of when it was. */
    @Nullable
    VniState vni(int vni) {
        VniState state = latest;
        if (state == null || state.vni != vni) {
            state = vnis.get(vni);
            latest = state;
        }
        return state;
    }

    VniState addVni(int vni) {
        VniState state = vni(vni);
        if (state == null) {
            state = new VniState(vni, seed);
            vnis.put(vni, state);
        }
        latest = state;
        return state;
    }

    Station station(VniState vni, long mac) {
        Station station = vni.stations.get(mac, 0);
        if (station == null) {
            station = new Station(vni, mac);
            vni.stations.add(station);
        }
        return station;
    }

    Station.Address address(VniState vni, IpAddress address) {
        Station.Address entry = vni.addresses.get(address.high(), address.low());
        if (entry == null) {
            entry = new Station.Address(vni, address);
            vni.addresses.add(entry);
        }
        return entry;
    }

    Claimant.Vtep vtep(IpAddress address) {
        return vteps.computeIfAbsent(address, Claimant.Vtep::new);
    }

    void changed(Station station) {
        if (station.isDirty) return;
        station.isDirty = true;
        dirtyStations.add(station);
    }

    void changed(Station.Address address) {
        if (address.isDirty) return;
        address.isDirty = true;
        dirtyAddresses.add(address);
    }

    /** A VNI that has ended comes before all others, and does not wait. */
    void changed(VniState vni) {
        if (vni.isDirty && !vni.planes.isEmpty()) return;
        if (vni.isDirty) dirtyVnis.remove(vni);
        vni.isDirty = true;
        if (vni.planes.isEmpty()) dirtyVnis.addFirst(vni);
        else dirtyVnis.add(vni);
    }

    void changed(Claimant.Vtep vtep) {
        if (vtep.isDirty) return;
        vtep.isDirty = true;
        dirtyVteps.add(vtep);
    }

    /** A claim has changed, come or gone. */
    void changed(HeldClaim claim) {
        switch (claim) {
            case HeldClaim.OfVtep ofVtep -> changed(ofVtep.claimant.vtep);
            case HeldClaim.OfMember ofMember -> changed(ofMember.vni);
            case HeldClaim.OfStation ofStation -> changed(ofStation.station);
        }
    }

    /** Sets the addresses of a claim. */
    void setAddresses(HeldClaim.OfStation claim, List<IpAddress> addresses) {
        clearAddresses(claim);
        VniState vni = claim.station.vni;
        List<Station.Address> entries = addresses.stream()
                .distinct()
                .map(address -> address(vni, address))
                .toList();
        for (Station.Address entry : entries) {
            entry.add(claim);
            changed(entry);
        }
        claim.setAddresses(entries);
    }

    /** Takes all addresses from a claim. */
    void clearAddresses(HeldClaim.OfStation claim) {
        for (int i = 0; i < claim.addressCount(); i++) {
            Station.Address entry = claim.address(i);
            entry.remove(claim);
            changed(entry);
        }
        claim.setAddresses(List.of());
    }

    void removeIfUnused(Station station) {
        if (station.isUnused()) {
            station.vni.stations.remove(station);
            removeIfUnused(station.vni);
        }
    }

    void removeIfUnused(Station.Address address) {
        if (address.isUnused()) {
            address.vni.addresses.remove(address);
            removeIfUnused(address.vni);
        }
    }

    void removeIfUnused(VniState vni) {
        if (!vni.isUnused()) return;
        vnis.remove(vni.vni);
        latest = null;
    }
}
