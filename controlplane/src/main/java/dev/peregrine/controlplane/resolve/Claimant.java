package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A VTEP in whose name a plane claims something. It exists while there is such a claim. */
final class Claimant {
    final PlaneClaims plane;
    final Vtep vtep;

    /** The claim that there is the VTEP; null without one. */
    HeldClaim.@Nullable OfVtep self;

    /** First station, linked by {@link HeldClaim.OfStation#nextOfClaimant}. */
    HeldClaim.@Nullable OfStation stations;

    int stationCount;

    /** Its claims of all kinds. */
    int claims;

    /** Those of them that were not withdrawn. */
    int standing;

    /** Those of them that were withdrawn and still count. */
    int leaving;

    /** As what the shrink guard counts it. */
    int counted = ShrinkGuard.ABSENT;

    /** A VTEP, whichever planes name it. */
    static final class Vtep {
        final IpAddress address;

        /** One for each plane that names it. */
        final List<Claimant> claimants = new ArrayList<>(1);

        /** The plane that the tables were told; null while they do not know the VTEP. */
        @Nullable
        String toldPlane;

        String toldNode = "";
        boolean isDirty;

        /** The claimant whose plane was added first; there is one. */
        Claimant first() {
            Claimant first = claimants.getFirst();
            for (Claimant other : claimants) if (other.plane.order < first.plane.order) first = other;
            return first;
        }

        Vtep(IpAddress address) {
            this.address = address;
        }
    }

    Claimant(PlaneClaims plane, Vtep vtep) {
        this.plane = plane;
        this.vtep = vtep;
    }

    int presence() {
        if (standing > 0) return ShrinkGuard.STANDING;
        return leaving > 0 ? ShrinkGuard.LEAVING : ShrinkGuard.ABSENT;
    }

    String node() {
        return self == null ? "" : self.node;
    }

    void add(HeldClaim.OfStation claim) {
        claim.nextOfClaimant = stations;
        if (stations != null) stations.previousOfClaimant = claim;
        stations = claim;
        stationCount++;
    }

    void remove(HeldClaim.OfStation claim) {
        HeldClaim.OfStation next = claim.nextOfClaimant;
        HeldClaim.OfStation previous = claim.previousOfClaimant;
        if (next != null) next.previousOfClaimant = previous;
        if (previous != null) previous.nextOfClaimant = next;
        else stations = next;
        stationCount--;
    }
}
