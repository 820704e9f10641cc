package dev.peregrine.controlplane;

import dev.peregrine.vxlan.IpAddress;
import java.util.List;

/**
 * That somebody, named by the address of a VTEP, says that something is with it. Claims of different VTEPs about the
 * same station are different claims: the withdrawal of one does not end the other.
 */
public sealed interface Claim {
    /** The key by which a later claim replaces this one and a withdrawal names it. */
    Key key();

    /** Identity of a claim. */
    sealed interface Key {
        /** The claimant. */
        IpAddress vtep();
    }

    /** That there is a VTEP. */
    record VtepKey(IpAddress vtep) implements Key {}

    /** That a VTEP is part of a VNI. */
    record MemberKey(int vni, IpAddress vtep) implements Key {}

    /** That a VTEP has a station. The MAC address is in the low 48 bits, first byte on the wire highest. */
    record StationKey(int vni, long mac, IpAddress vtep) implements Key {}

    /**
     * A VTEP.
     *
     * @param node name of its host, for people; may be empty
     * @param instance tells one start of its program from the next; may be empty
     */
    record Vtep(IpAddress vtep, String node, String instance) implements Claim {
        @Override
        public VtepKey key() {
            return new VtepKey(vtep);
        }
    }

    /**
     * A VTEP's part in a VNI.
     *
     * @param flood whether it is to get copies of broadcast, unknown unicast and multicast (RFC 7432 type 3, ingress
     *     replication)
     */
    record Member(int vni, IpAddress vtep, boolean flood) implements Claim {
        @Override
        public MemberKey key() {
            return new MemberKey(vni, vtep);
        }
    }

    /**
     * A station behind a VTEP (RFC 7432 type 2).
     *
     * @param sequence MAC mobility sequence number, unsigned (RFC 7432 section 7.7); 0 where none was sent
     * @param sticky whether the station never moves (RFC 7432 section 15.2)
     * @param addresses its IP addresses; may be empty
     */
    record Station(int vni, long mac, IpAddress vtep, int sequence, boolean sticky, List<IpAddress> addresses)
            implements Claim {
        /** Addresses that a station may have: a claim with more is refused. */
        public static final int MAX_ADDRESSES = 64;

        public Station {
            addresses = List.copyOf(addresses);
        }

        @Override
        public StationKey key() {
            return new StationKey(vni, mac, vtep);
        }
    }
}
