package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.resolve.HeldClaim.Leaving;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The claims of one plane that count, and how many of them. It believes all that it is given. */
final class PlaneStore {
    /** Claimed VTEPs, in the order in which they came. */
    private final Map<IpAddress, Claimant> claimants = new LinkedHashMap<>();

    private final Model model;
    private final PlaneClaims plane;
    private final ShrinkGuard guard;
    private int stations;
    private int members;
    private int claims;
    private int held;
    private int going;
    private long removals;

    PlaneStore(Model model, PlaneClaims plane, ShrinkGuard guard) {
        this.model = model;
        this.plane = plane;
        this.guard = guard;
    }

    /** Claims of stations. */
    int stations() {
        return stations;
    }

    /** Claims of all kinds, but for those that go in any case. */
    int claims() {
        return claims - going;
    }

    /** Claims that were withdrawn and still count. */
    int held() {
        return held - going;
    }

    /** How many claims were removed so far: each may make room for another one. */
    long removals() {
        return removals;
    }

    int vteps() {
        return claimants.size();
    }

    List<IpAddress> addresses() {
        return List.copyOf(claimants.keySet());
    }

    /** The limit that one more claim would break; null for none. */
    @Nullable
    Refusal limit(Claim claim, PlaneSettings settings) {
        Claimant claimant = claimants.get(claim.key().vtep());
        if (claimant == null && claimants.size() >= settings.maxVteps()) return Refusal.TOO_MANY_VTEPS;
        return switch (claim) {
            case Claim.Vtep ignored -> null;
            case Claim.Member ignored -> members >= settings.maxMacs() ? Refusal.TOO_MANY_MEMBERS : null;
            case Claim.Station ignored -> {
                if (stations >= settings.maxMacs()) yield Refusal.TOO_MANY_MACS;
                boolean isFull = claimant != null && claimant.stationCount >= settings.maxMacsPerVtep();
                yield isFull ? Refusal.TOO_MANY_MACS_OF_VTEP : null;
            }
        };
    }

    @Nullable
    HeldClaim find(Claim.Key key) {
        Claimant claimant = claimants.get(key.vtep());
        if (claimant == null) return null;
        return switch (key) {
            case Claim.VtepKey ignored -> claimant.self;
            case Claim.MemberKey member -> {
                VniState vni = model.vni(member.vni());
                yield vni == null ? null : vni.members.get(claimant);
            }
            case Claim.StationKey station -> {
                VniState vni = model.vni(station.vni());
                Station entry = vni == null ? null : vni.stations.get(station.mac(), 0);
                yield entry == null ? null : entry.claimOf(claimant);
            }
        };
    }

    /** Adds a claim that is not there. */
    HeldClaim add(Claim claim) {
        Claimant claimant = claimant(claim.key().vtep());
        claims++;
        claimant.claims++;
        HeldClaim added = switch (claim) {
            case Claim.Vtep vtep -> {
                claimant.self = new HeldClaim.OfVtep(claimant, vtep.node(), vtep.instance());
                yield claimant.self;
            }
            case Claim.Member member -> {
                VniState vni = model.addVni(member.vni());
                HeldClaim.OfMember held = new HeldClaim.OfMember(claimant, vni, member.flood());
                vni.members.put(claimant, held);
                members++;
                yield held;
            }
            case Claim.Station station -> addStation(claimant, station);
        };
        if (!(added instanceof HeldClaim.OfStation)) count(added, 1);
        model.changed(added);
        return added;
    }

    private HeldClaim.OfStation addStation(Claimant claimant, Claim.Station claim) {
        Station station = model.station(model.addVni(claim.vni()), claim.mac());
        int before = presence(station);
        HeldClaim.OfStation held = new HeldClaim.OfStation(claimant, station);
        station.add(held);
        claimant.add(held);
        stations++;
        set(held, claim);
        count(held, 1);
        guard.changed(ShrinkGuard.STATIONS, before, presence(station));
        return held;
    }

    private void set(HeldClaim.OfStation held, Claim.Station claim) {
        held.sequence = claim.sequence();
        held.sticky = claim.sticky();
        held.station.sawSequence(claim.sequence());
        if (!held.hasAddresses(claim.addresses())) model.setAddresses(held, claim.addresses());
    }

    private Claimant claimant(IpAddress address) {
        Claimant claimant = claimants.get(address);
        if (claimant != null) return claimant;
        Claimant.Vtep vtep = model.vtep(address);
        claimant = new Claimant(plane, vtep);
        vtep.claimants.add(claimant);
        claimants.put(vtep.address, claimant);
        model.changed(vtep);
        return claimant;
    }

    /** Gives a claim its new content; returns whether that differs from what it was. */
    boolean update(HeldClaim held, Claim claim) {
        switch (held) {
            case HeldClaim.OfVtep ofVtep -> {
                Claim.Vtep vtep = (Claim.Vtep) claim;
                if (ofVtep.node.equals(vtep.node()) && ofVtep.instance.equals(vtep.instance())) return false;
                ofVtep.node = vtep.node();
                ofVtep.instance = vtep.instance();
            }
            case HeldClaim.OfMember ofMember -> {
                Claim.Member member = (Claim.Member) claim;
                if (ofMember.flood == member.flood()) return false;
                ofMember.flood = member.flood();
            }
            case HeldClaim.OfStation ofStation -> {
                Claim.Station station = (Claim.Station) claim;
                if (ofStation.sequence == station.sequence()
                        && ofStation.sticky == station.sticky()
                        && ofStation.hasAddresses(station.addresses())) return false;
                set(ofStation, station);
            }
        }
        model.changed(held);
        return true;
    }

    /** Sets whether a claim is withdrawn, by a {@link Leaving} of its own or null. */
    void setLeaving(HeldClaim claim, @Nullable Leaving leaving) {
        Station station = claim instanceof HeldClaim.OfStation ofStation ? ofStation.station : null;
        int before = station == null ? ShrinkGuard.ABSENT : presence(station);
        count(claim, -1);
        claim.leaving = leaving;
        count(claim, 1);
        if (station != null) guard.changed(ShrinkGuard.STATIONS, before, presence(station));
        model.changed(claim);
    }

    /** Removes a claim that is there. */
    void remove(HeldClaim claim) {
        Claimant claimant = claim.claimant;
        removals++;
        claims--;
        claimant.claims--;
        switch (claim) {
            case HeldClaim.OfVtep ignored -> {
                count(claim, -1);
                claimant.self = null;
            }
            case HeldClaim.OfMember ofMember -> {
                count(claim, -1);
                ofMember.vni.members.remove(claimant);
                members--;
            }
            case HeldClaim.OfStation ofStation -> removeStation(ofStation);
        }
        model.changed(claim);
        if (claimant.claims > 0) return;
        claimants.remove(claimant.vtep.address);
        claimant.vtep.claimants.remove(claimant);
        model.changed(claimant.vtep);
    }

    private void removeStation(HeldClaim.OfStation claim) {
        Station station = claim.station;
        int before = presence(station);
        count(claim, -1);
        model.clearAddresses(claim);
        station.remove(claim);
        claim.claimant.remove(claim);
        stations--;
        guard.changed(ShrinkGuard.STATIONS, before, presence(station));
    }

    /** Adds a claim to the counts of its state, or takes it out. */
    private void count(HeldClaim claim, int more) {
        Claimant claimant = claim.claimant;
        if (claim.leaving == null) {
            claimant.standing += more;
        } else {
            held += more;
            if (claim.leaving.urgent) going += more;
            else claimant.leaving += more;
        }
        int presence = claimant.presence();
        guard.changed(ShrinkGuard.VTEPS, claimant.counted, presence);
        claimant.counted = presence;
    }

    /** How much a station is there by this plane's claims; what goes in any case is not. */
    private int presence(Station station) {
        int presence = ShrinkGuard.ABSENT;
        for (HeldClaim.OfStation claim = station.claims; claim != null; claim = claim.nextOfStation) {
            if (claim.claimant.plane != plane) continue;
            if (claim.leaving == null) return ShrinkGuard.STANDING;
            if (!claim.leaving.urgent) presence = ShrinkGuard.LEAVING;
        }
        return presence;
    }

    /** Visits the claims of a VTEP; the visitor adds and removes none. */
    void forEach(IpAddress vtep, Consumer<HeldClaim> visitor) {
        Claimant claimant = claimants.get(vtep);
        if (claimant != null) forEach(claimant, visitor);
    }

    private void forEach(Claimant claimant, Consumer<HeldClaim> visitor) {
        if (claimant.self != null) visitor.accept(claimant.self);
        for (VniState vni : model.vnis.values()) {
            HeldClaim.OfMember member = vni.members.get(claimant);
            if (member != null) visitor.accept(member);
        }
        HeldClaim.OfStation station = claimant.stations;
        for (; station != null; station = station.nextOfClaimant) visitor.accept(station);
    }

    /** A part of the claims, which is visited at once; the visitor adds and removes none. */
    interface Part {
        void forEach(Consumer<HeldClaim> visitor);
    }

    /** All claims, in parts: the members of each VNI, and what else each VTEP has. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>(model.vnis.size() + claimants.size());
        for (VniState vni : model.vnis.values()) {
            parts.add(visitor -> {
                for (HeldClaim.OfMember member : vni.members.values()) {
                    if (member.claimant.plane == plane) visitor.accept(member);
                }
            });
        }
        for (Claimant claimant : claimants.values()) {
            parts.add(visitor -> {
                if (claimant.self != null) visitor.accept(claimant.self);
                HeldClaim.OfStation station = claimant.stations;
                for (; station != null; station = station.nextOfClaimant) visitor.accept(station);
            });
        }
        return parts;
    }

    /** All claims, which may be removed meanwhile. */
    List<HeldClaim> all() {
        List<HeldClaim> all = new ArrayList<>(claims);
        for (Part part : parts()) part.forEach(all::add);
        return all;
    }
}
