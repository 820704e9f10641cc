package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A claim that counts: as it was claimed last, and whether it was withdrawn since. */
abstract sealed class HeldClaim {
    final Claimant claimant;

    /** Since when it is withdrawn; null while it stands. */
    @Nullable
    Leaving leaving;

    /** The plane's picture that named it last, by its low bits. */
    short picture;

    /**
     * That a claim was withdrawn at a time. It means nothing any more when the claim has another one.
     * An urgent one goes as soon as it can, whatever would hold it.
     */
    static final class Leaving {
        final HeldClaim claim;
        final long since;
        final boolean urgent;

        Leaving(HeldClaim claim, long since, boolean urgent) {
            this.claim = claim;
            this.since = since;
            this.urgent = urgent;
        }

        boolean holds() {
            return claim.leaving == this;
        }
    }

    private HeldClaim(Claimant claimant) {
        this.claimant = claimant;
    }

    final boolean stands() {
        return leaving == null;
    }

    /** The claim as planes know it. */
    abstract Claim claim();

    /** That there is a VTEP. */
    static final class OfVtep extends HeldClaim {
        String node;
        String instance;

        OfVtep(Claimant claimant, String node, String instance) {
            super(claimant);
            this.node = node;
            this.instance = instance;
        }

        @Override
        Claim claim() {
            return new Claim.Vtep(claimant.vtep.address, node, instance);
        }
    }

    /** That a VTEP is part of a VNI. */
    static final class OfMember extends HeldClaim {
        final VniState vni;
        boolean flood;

        OfMember(Claimant claimant, VniState vni, boolean flood) {
            super(claimant);
            this.vni = vni;
            this.flood = flood;
        }

        @Override
        Claim claim() {
            return new Claim.Member(vni.vni, claimant.vtep.address, flood);
        }
    }

    /** That a VTEP has a station. There are many of these: an address alone is not in an array. */
    static final class OfStation extends HeldClaim {
        final Station station;
        int sequence;
        boolean sticky;

        /** Next claim about the station. */
        @Nullable
        OfStation nextOfStation;

        /** Next and previous station of the claimant. */
        @Nullable
        OfStation nextOfClaimant;

        @Nullable
        OfStation previousOfClaimant;

        /** Null, an {@link Station.Address} or an array of them. */
        private @Nullable Object addresses;

        OfStation(Claimant claimant, Station station) {
            super(claimant);
            this.station = station;
        }

        int addressCount() {
            return switch (addresses) {
                case null -> 0;
                case Station.Address[] several -> several.length;
                default -> 1;
            };
        }

        Station.Address address(int index) {
            return addresses instanceof Station.Address[] several
                    ? several[index]
                    : (Station.Address) Objects.requireNonNull(addresses);
        }

        void setAddresses(List<Station.Address> now) {
            addresses = switch (now.size()) {
                case 0 -> null;
                case 1 -> now.getFirst();
                default -> now.toArray(Station.Address[]::new);
            };
        }

        /** Whether these are its addresses, in this order. */
        boolean hasAddresses(List<IpAddress> others) {
            int count = addressCount();
            if (count != others.size()) return false;
            for (int i = 0; i < count; i++) {
                if (!address(i).is(others.get(i))) return false;
            }
            return true;
        }

        @Override
        Claim.Station claim() {
            List<IpAddress> list = new ArrayList<>(addressCount());
            for (int i = 0; i < addressCount(); i++) list.add(address(i).address());
            return new Claim.Station(station.vni.vni, station.mac, claimant.vtep.address, sequence, sticky, list);
        }
    }
}
