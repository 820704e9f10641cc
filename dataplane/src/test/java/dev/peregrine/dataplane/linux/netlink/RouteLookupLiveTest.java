package dev.peregrine.dataplane.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class RouteLookupLiveTest {
    @Test
    void knowsTheMtuOfRoutesAndOfWhatTheyLeaveBy() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            live.ip("link set lo up");
            live.ip("addr add 10.255.255.2/32 dev lo");
            veth(live, "d0", 1600, "198.18.9.2/24");
            veth(live, "d1", 1500, "198.18.10.2/24");
            live.ip("route add 10.255.255.1 via 198.18.9.1 src 10.255.255.2");
            live.ip("route add 10.255.255.3 via 198.18.9.1 mtu 1420");
            live.ip("route add 10.255.255.4 nexthop via 198.18.9.1 nexthop via 198.18.10.1");
            assertEquals(1600, mtu(live, "198.18.9.1", "198.18.9.2"), "of the interface");
            assertEquals(1600, mtu(live, "10.255.255.1", "10.255.255.2"), "whose address is on lo");
            assertEquals(1420, mtu(live, "10.255.255.3", "10.255.255.2"), "of the route");
            assertEquals(1500, mtu(live, "10.255.255.4", "10.255.255.2"), "the least of the next hops");
            assertEquals(-1, mtu(live, "10.255.255.2", "10.255.255.2"), "itself");
            assertEquals(-1, mtu(live, "127.0.0.5", "127.0.0.1"), "over lo");
            assertEquals(-1, mtu(live, "203.0.113.1", "10.255.255.2"), "no route");
            assertEquals(-1, mtu(live, "198.18.9.1", "198.18.9.77"), "no such source address");
        }
    }

    @Test
    void knowsIpv6Too() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            live.ip("link set lo up");
            veth(live, "d0", 1600, "fd18::2/64");
            live.ip("addr add fd99::2/128 dev lo");
            live.ip("-6 route add fd99::1 via fd18::1 src fd99::2");
            live.ip("-6 route add fd99::3 via fd18::1 mtu 1420");
            assertEquals(1600, mtu(live, "fd18::1", "fd18::2"));
            assertEquals(1600, mtu(live, "fd99::1", "fd99::2"));
            assertEquals(1420, mtu(live, "fd99::3", "fd99::2"));
            assertEquals(-1, mtu(live, "fd18::2", "fd18::2"));
            assertEquals(-1, mtu(live, "fd77::1", "fd18::2"));
        }
    }

    @Test
    void listsAddressesAndSaysWhichAreTentative() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            veth(live, "d0", 1500, "198.18.9.2/24");
            live.ip("link add v0 type veth peer name v1");
            live.ip("addr add fd18::2/64 dev v0");
            List<InterfaceAddress> all = live.netNamespace().call(() -> {
                try (Netlink netlink = Netlink.open()) {
                    return netlink.addresses();
                }
            });
            InterfaceAddress ipv4 = find(all, "198.18.9.2");
            assertEquals(24, ipv4.length());
            assertFalse(ipv4.isTentative() || ipv4.isDuplicate());
            assertTrue(find(all, "fd18::2").isTentative(), "the interface is down");
        }
    }

    private static InterfaceAddress find(List<InterfaceAddress> all, String address) {
        return all.stream()
                .filter(found -> found.address().equals(Loopback.ip(address)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(all));
    }

    private static void veth(Namespace live, String name, int mtu, String address) {
        live.ip("link add " + name + " mtu " + mtu + " type veth peer name p" + name);
        live.ip("link set p" + name + " up");
        live.ip("addr add " + address + " dev " + name + (address.contains(":") ? " nodad" : ""));
        live.ip("link set " + name + " up");
    }

    /** -1: none. */
    private static int mtu(Namespace live, String to, String from) throws LinuxException {
        OptionalInt found = live.netNamespace().call(() -> {
            try (Netlink netlink = Netlink.open();
                    RouteLookup routes = RouteLookup.open(netlink.links())) {
                return routes.mtu(Loopback.ip(to), Loopback.ip(from), 0);
            }
        });
        return found.orElse(-1);
    }
}
