package dev.peregrine.controlplane.gobgp;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A route of EVPN, type 2 or type 3 (RFC 7432 section 7), as far as it says anything to a gateway.
 *
 * @param key what a later route of the same destination replaces
 * @param vtep the next hop
 * @param targets its route targets that name a VNI
 * @param sequence MAC mobility sequence number, unsigned; 0 where there is none, and in type 3
 * @param sticky whether the MAC address never moves
 * @param flood in type 3: whether the VTEP takes copies by ingress replication
 */
record Route(Key key, IpAddress vtep, Set<Target> targets, int sequence, boolean sticky, boolean flood) {
    Route {
        targets = Set.copyOf(targets);
    }

    /** A destination, by its route distinguisher and Ethernet tag (unsigned) among others. */
    sealed interface Key {
        /** The route distinguisher as text, {@code ADDRESS:NUMBER} or {@code AS:NUMBER}. */
        String rd();
    }

    /** Of type 2. The MAC address is in the low 48 bits. Address null: the MAC address alone. */
    record MacKey(String rd, int tag, long mac, @Nullable IpAddress address) implements Key {
        @Override
        public String toString() {
            return AddressText.mac(mac) + (address == null ? "" : " " + address) + " of RD " + rd;
        }
    }

    /** Of type 3. */
    record MulticastKey(String rd, int tag, IpAddress originator) implements Key {
        @Override
        public String toString() {
            return "of type 3 from " + originator + " of RD " + rd;
        }
    }

    /**
     * A route target {@code AS:VNI}.
     *
     * @param as the administrator; an address, too, as a number
     */
    record Target(long as, int vni) {}
}
