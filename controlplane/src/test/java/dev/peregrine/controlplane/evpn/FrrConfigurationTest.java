package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.evpn.FrrConfiguration.Peer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FrrConfigurationTest {
    private static InetAddress ip(String text) {
        return EvpnLab.ip(text).toInetAddress();
    }

    private static FrrConfiguration of(Peer... peers) {
        return new FrrConfiguration(65001, (Inet4Address) ip("198.18.1.2"), List.of(peers), 3, 9);
    }

    private static Peer peer(String address, long as, @Nullable String password) {
        return new Peer(ip(address), as, password);
    }

    @Test
    void ofTheSameAs() {
        assertEquals("""
                ! EVPN for a Peregrine gateway. zebra=yes and bgpd=yes belong into /etc/frr/daemons.
                frr defaults traditional
                log syslog informational
                !
                router bgp 65001
                 bgp router-id 198.18.1.2
                 no bgp default ipv4-unicast
                 timers bgp 3 9
                 neighbor 198.18.1.1 remote-as 65001
                 neighbor 198.18.1.1 timers connect 1
                 neighbor 198.18.1.1 advertisement-interval 0
                 !
                 address-family l2vpn evpn
                  neighbor 198.18.1.1 activate
                  advertise-all-vni
                 exit-address-family
                exit
                """, of(peer("198.18.1.1", 65001, null)).text());
    }

    @Test
    void ofAnotherAsAndWithAPassword() {
        String text = of(peer("fd18::1", 4_200_000_000L, "s3cret!")).text();
        assertTrue(text.contains(" no bgp ebgp-requires-policy\n"), text);
        assertTrue(text.contains(" neighbor fd18::1 remote-as 4200000000\n neighbor fd18::1 password s3cret!\n"), text);
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        refused("no peer", () -> of());
        refused("twice", () -> of(peer("198.18.1.1", 1, null), peer("198.18.1.1", 2, null)));
        refused("own address", () -> of(peer("198.18.1.2", 1, null)));
        refused("AS number 0", () -> peer("198.18.1.1", 0, null));
        refused("password", () -> peer("198.18.1.1", 1, "with space"));
        refused("password", () -> peer("198.18.1.1", 1, "line\nbreak"));
        refused("password", () -> peer("198.18.1.1", 1, ""));
        refused(
                "hold time",
                () -> new FrrConfiguration(
                        1, (Inet4Address) ip("198.18.1.2"), List.of(peer("198.18.1.1", 1, null)), 3, 8));
    }

    private static void refused(String why, Runnable made) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, made::run);
        assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
    }
}
