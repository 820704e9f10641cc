package dev.peregrine.controlplane.evpn;

import dev.peregrine.dataplane.linux.sys.AddressText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of FRR for the {@link FrrPlane}: bgpd speaks EVPN with peers, and announces all VNIs that zebra sees.
 *
 * @param as number of the own autonomous system, 1 to 4294967294
 * @param vtep the gateway's address on the underlay, which is also the router id
 * @param peers at least one
 * @param keepaliveSeconds between two keepalives; 1 to 21845
 * @param holdSeconds after which a silent peer is down; at least three keepalives, at most 65535
 */
public record FrrConfiguration(long as, Inet4Address vtep, List<Peer> peers, int keepaliveSeconds, int holdSeconds) {
    /** Default of {@code keepaliveSeconds}. */
    public static final int KEEPALIVE_SECONDS = 3;

    /** Default of {@code holdSeconds}. */
    public static final int HOLD_SECONDS = 9;

    private static final long MAX_AS = 0xffff_fffeL;
    private static final int MAX_HOLD = 65_535;
    /** Of TCP MD5 signatures (RFC 2385), by Linux. */
    private static final int MAX_PASSWORD = 80;

    /**
     * A BGP neighbour: another gateway, a switch, or a route reflector.
     *
     * @param as number of its autonomous system
     * @param password of TCP MD5 signatures (RFC 2385), 1 to 80 printable ASCII characters without spaces; null for
     *     none
     */
    public record Peer(
            InetAddress address, long as, @Nullable String password) {
        public Peer {
            checkAs(as);
            boolean isUsable =
                    password == null || (password.length() <= MAX_PASSWORD && password.matches("[\\x21-\\x7e]+"));
            if (!isUsable) {
                throw new IllegalArgumentException("the password of peer " + AddressText.of(address)
                        + " is not 1 to 80 printable ASCII characters without spaces");
            }
        }
    }

    public FrrConfiguration {
        peers = List.copyOf(peers);
        checkAs(as);
        if (peers.isEmpty()) {
            throw new IllegalArgumentException("there is no peer: name a switch, a route reflector or another gateway");
        }
        if (keepaliveSeconds < 1 || holdSeconds < 3 * keepaliveSeconds || holdSeconds > MAX_HOLD) {
            throw new IllegalArgumentException(
                    "timers %d and %d: the hold time is at least three keepalives of at least 1 s, and at most 65535 s"
                            .formatted(keepaliveSeconds, holdSeconds));
        }
        Set<InetAddress> seen = new HashSet<>();
        for (Peer peer : peers) {
            if (!seen.add(peer.address())) {
                throw new IllegalArgumentException("peer " + AddressText.of(peer.address()) + " is there twice");
            }
            if (peer.address().equals(vtep)) {
                throw new IllegalArgumentException(
                        "peer " + AddressText.of(peer.address()) + " is this gateway's own address");
            }
        }
    }

    private static void checkAs(long as) {
        if (as < 1 || as > MAX_AS) {
            throw new IllegalArgumentException("AS number " + as + " is not within 1 to " + MAX_AS);
        }
    }

    /** The text of {@code /etc/frr/frr.conf}, which holds passwords where peers have one. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append("! EVPN for a Peregrine gateway. zebra=yes and bgpd=yes belong into /etc/frr/daemons.\n");
        text.append("frr defaults traditional\nlog syslog informational\n!\n");
        text.append("router bgp ").append(as).append('\n');
        text.append(" bgp router-id ").append(AddressText.of(vtep)).append('\n');
        text.append(" no bgp default ipv4-unicast\n");
        if (peers.stream().anyMatch(peer -> peer.as() != as)) {
            text.append(" no bgp ebgp-requires-policy\n");
        }
        text.append(" timers bgp %d %d\n".formatted(keepaliveSeconds, holdSeconds));
        peers.forEach(peer -> session(peer, text));
        text.append(" !\n address-family l2vpn evpn\n");
        for (Peer peer : peers) {
            text.append("  neighbor ").append(AddressText.of(peer.address())).append(" activate\n");
        }
        text.append("  advertise-all-vni\n exit-address-family\nexit\n");
        return text.toString();
    }

    private static void session(Peer peer, StringBuilder text) {
        String neighbor = " neighbor " + AddressText.of(peer.address());
        text.append(neighbor).append(" remote-as ").append(peer.as()).append('\n');
        if (peer.password() != null) {
            text.append(neighbor).append(" password ").append(peer.password()).append('\n');
        }
        text.append(neighbor).append(" timers connect 1\n");
        text.append(neighbor).append(" advertisement-interval 0\n");
    }
}
