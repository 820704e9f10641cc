package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The claimed and the local entries of a VNI, and the planes that it listens to. */
final class VniState {
    final int vni;
    final EntryTable<Station> stations;
    final EntryTable<Station.Address> addresses;
    final Map<Claimant, HeldClaim.OfMember> members = new LinkedHashMap<>();

    /** Local stations, announced or not. */
    final Set<Station> locals = new LinkedHashSet<>();

    /** Planes, the first one wins; empty once the VNI has gone. */
    List<PlaneClaims> planes = List.of();

    boolean announcesLearned;
    int announceLimit;

    /** Learned MACs that are announced though no plane had claimed them. */
    int announcedLearned;

    /** The VTEPs that the tables were told to flood to. */
    List<IpAddress> told = List.of();

    /** Whether the tables may have others than that, so that they are told again. */
    boolean isToldAgain;

    boolean isDirty;

    /** A visit to all stations and then all addresses, a few at a time. */
    final class Walk {
        private final EntryTable<Station>.Walk toStations = stations.walk();
        private final EntryTable<Station.Address>.Walk toAddresses = addresses.walk();
        private final Consumer<Station> ofStation;
        private final Consumer<Station.Address> ofAddress;

        /** Both visitors neither add nor remove entries. */
        Walk(Consumer<Station> ofStation, Consumer<Station.Address> ofAddress) {
            this.ofStation = ofStation;
            this.ofAddress = ofAddress;
        }

        /** Visits about {@code max} of them; returns whether there are more. */
        boolean step(int max) {
            return toStations.step(max, ofStation) || toAddresses.step(max, ofAddress);
        }
    }

    VniState(int vni, long seed) {
        this.vni = vni;
        stations = new EntryTable<>(seed);
        addresses = new EntryTable<>(seed);
    }

    boolean listensTo(PlaneClaims plane) {
        return planes.contains(plane);
    }

    /** Below zero when {@code a} wins over {@code b}; zero for one claim and itself only. */
    int compare(HeldClaim.OfStation a, HeldClaim.OfStation b) {
        PlaneClaims planeOfA = a.claimant.plane;
        PlaneClaims planeOfB = b.claimant.plane;
        if (planeOfA != planeOfB) return Integer.compare(rank(planeOfA), rank(planeOfB));
        if (a.stands() != b.stands()) return a.stands() ? -1 : 1;
        if (a.sticky != b.sticky) return a.sticky ? -1 : 1;
        int bySequence = Integer.compareUnsigned(b.sequence, a.sequence);
        if (bySequence != 0) return bySequence;
        int byVtep = a.claimant.vtep.address.compareTo(b.claimant.vtep.address);
        return byVtep != 0 ? byVtep : Long.compare(a.station.mac, b.station.mac);
    }

    /** A plane that the VNI does not listen to any more comes last. */
    private int rank(PlaneClaims plane) {
        int rank = planes.indexOf(plane);
        return rank < 0 ? Integer.MAX_VALUE : rank;
    }

    /** The VTEPs to flood to, in ascending order. */
    List<IpAddress> floodList() {
        List<IpAddress> vteps = new ArrayList<>(members.size());
        for (HeldClaim.OfMember member : members.values()) {
            if (member.flood) vteps.add(member.claimant.vtep.address);
        }
        vteps.sort(null);
        for (int i = vteps.size() - 1; i > 0; i--) {
            if (vteps.get(i).equals(vteps.get(i - 1)))
                return vteps.stream().distinct().toList(); // of two planes
        }
        return vteps;
    }

    boolean isUnused() {
        return planes.isEmpty()
                && stations.size() == 0
                && addresses.size() == 0
                && members.isEmpty()
                && told.isEmpty()
                && !isDirty;
    }
}
