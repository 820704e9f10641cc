package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A MAC of a VNI that somebody claims, that is local, or that the tables still have. There may be 131,072, so that its
 * fields are few; what few stations need is in objects of its own.
 */
final class Station extends EntryTable.Entry<Station> {
    final VniState vni;
    final long mac;

    /** First claim, linked by {@link HeldClaim.OfStation#nextOfStation}; null without any. */
    HeldClaim.@Nullable OfStation claims;

    /** The claim that the tables are to follow; null for none. */
    HeldClaim.@Nullable OfStation winner;

    /** The claimant whose claim is in the tables; null for none. */
    @Nullable
    Claimant told;

    int toldSequence;
    boolean toldSticky;

    /** Whether the tables may have something else than they were told, so that they are told again. */
    boolean isToldAgain;

    /** Whether it waits to be settled. */
    boolean isDirty;

    /** The highest sequence that anybody had, unsigned. */
    int highest;

    /** Where it was last: a VTEP, or this gateway's address. */
    @Nullable
    IpAddress place;

    /** The gateway's own entry for it; null for none. */
    @Nullable
    LocalMac local;

    /** Its latest moves; null if it has not moved for a while. */
    @Nullable
    Moves moves;

    /** A local MAC. */
    static final class LocalMac {
        /** Why it is local; not empty. */
        final Set<Local> reasons = EnumSet.noneOf(Local.class);

        /** The sequence of its announcement. */
        int sequence;

        List<IpAddress> addresses = List.of();

        /** Whether it is in what planes are to publish. */
        boolean isAnnounced;

        /** Whether it is among the learned MACs of the VNI that are announced though no plane had claimed them. */
        boolean isCounted;

        boolean is(Local reason) {
            return reasons.contains(reason);
        }
    }

    /** Moves within a window of time (RFC 7432 section 15.1). */
    static final class Moves {
        final long since;
        int count;

        /** Whether it counts as a duplicate, so that this was said. */
        boolean isDuplicate;

        boolean isFrozen;

        Moves(long since) {
            this.since = since;
        }
    }

    /** An IP address of a VNI, and the claims that give it to a station. */
    static final class Address extends EntryTable.Entry<Address> {
        private final long high;
        private final long low;
        final VniState vni;

        /** A claim, or a list of two and more. */
        private @Nullable Object claims;

        /** The station that the tables were told; null for none. */
        @Nullable
        Station told;

        /** The plane that the tables were told. */
        @Nullable
        PlaneClaims toldPlane;

        boolean isDirty;

        /** How many ports of this gateway have it. */
        short locals;

        Address(VniState vni, IpAddress address) {
            this.vni = vni;
            high = address.high();
            low = address.low();
        }

        @Override
        long high() {
            return high;
        }

        @Override
        long low() {
            return low;
        }

        IpAddress address() {
            return new IpAddress(high, low);
        }

        boolean is(IpAddress other) {
            return other.low() == low && other.high() == high;
        }

        boolean isUnused() {
            return claims == null && told == null && locals == 0 && !isDirty;
        }

        @SuppressWarnings("unchecked") // only this class sets it
        void add(HeldClaim.OfStation claim) {
            switch (claims) {
                case null -> claims = claim;
                case HeldClaim.OfStation one -> claims = new ArrayList<>(List.of(one, claim));
                default -> ((List<HeldClaim.OfStation>) claims).add(claim);
            }
        }

        @SuppressWarnings("unchecked") // only this class sets it
        void remove(HeldClaim.OfStation claim) {
            if (claims == claim) {
                claims = null;
            } else if (claims instanceof List<?> list) {
                list.remove(claim);
                if (list.size() == 1) claims = list.getFirst();
            }
        }

        /** The claim whose station gets the address: the best of those that win their stations; null for none. */
        @SuppressWarnings("unchecked") // only this class sets it
        HeldClaim.@Nullable OfStation best() {
            if (locals > 0) return null;
            if (claims instanceof HeldClaim.OfStation one) return one.station.winner == one ? one : null;
            HeldClaim.OfStation best = null;
            if (claims != null) {
                for (HeldClaim.OfStation claim : (List<HeldClaim.OfStation>) claims) {
                    if (claim.station.winner == claim && (best == null || vni.compare(claim, best) < 0)) best = claim;
                }
            }
            return best;
        }
    }

    Station(VniState vni, long mac) {
        this.vni = vni;
        this.mac = mac;
    }

    @Override
    long high() {
        return mac;
    }

    @Override
    long low() {
        return 0;
    }

    boolean isUnused() {
        return claims == null && told == null && local == null && !isDirty;
    }

    /** Whether it is a local port's own MAC. */
    boolean isAtPort() {
        return local != null && local.is(Local.PORT);
    }

    void add(HeldClaim.OfStation claim) {
        claim.nextOfStation = claims;
        claims = claim;
    }

    void remove(HeldClaim.OfStation claim) {
        if (winner == claim) winner = null;
        if (claims == claim) {
            claims = claim.nextOfStation;
            return;
        }
        for (HeldClaim.OfStation at = claims; at != null; at = at.nextOfStation) {
            if (at.nextOfStation == claim) {
                at.nextOfStation = claim.nextOfStation;
                return;
            }
        }
    }

    HeldClaim.@Nullable OfStation claimOf(Claimant claimant) {
        HeldClaim.OfStation claim = claims;
        while (claim != null && claim.claimant != claimant) claim = claim.nextOfStation;
        return claim;
    }

    /** The claim that would win if nothing local were there; null for none. */
    HeldClaim.@Nullable OfStation best() {
        HeldClaim.OfStation best = claims;
        if (best == null) return null;
        for (HeldClaim.OfStation at = best.nextOfStation; at != null; at = at.nextOfStation) {
            if (vni.compare(at, best) < 0) best = at;
        }
        return best;
    }

    void sawSequence(int sequence) {
        if (Integer.compareUnsigned(sequence, highest) > 0) highest = sequence;
    }

    /** One more than the highest sequence; that itself where there is no higher one. */
    int nextSequence() {
        return highest == -1 ? highest : highest + 1;
    }
}
