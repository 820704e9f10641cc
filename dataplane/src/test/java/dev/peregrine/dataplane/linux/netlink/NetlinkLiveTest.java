package dev.peregrine.dataplane.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.net.StandardProtocolFamily;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class NetlinkLiveTest {
    @Test
    void findsTheLoopbackEverywhere() throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Link lo = netlink.link("lo").orElseThrow();
            assertEquals(1, lo.index());
            assertEquals("", lo.kind());
            assertTrue(netlink.links().stream().anyMatch(link -> link.name().equals("lo")));
            assertEquals(Optional.empty(), netlink.link("lnx-none"));
        }
    }

    @Test
    void refusesImpossibleNames() {
        for (String name : new String[] {"", ".", "sixteen-letters-", "a/b", "a b", "tap%d", "a:0"}) {
            assertThrows(IllegalArgumentException.class, () -> Netlink.checkName(name), name);
        }
    }

    @Test
    void namesTheVxlanDeviceThatHoldsAPort() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            live.ip("addr add 198.18.9.1/32 dev lo");
            live.ip("link set lo up");
            add(live, "vx42", "42", "local", "198.18.9.1", "dstport", "4789");
            add(live, "vx43", "43", "local", "::1", "dstport", "4790");
            add(live, "down", "44", "dstport", "4791");
            live.ip("link set vx42 up");
            live.ip("link set vx43 up");

            live.netNamespace().call(() -> {
                try (Netlink netlink = Netlink.open();
                        UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET)) {
                    Link.Vxlan first =
                            netlink.vxlanOwner(4789).orElseThrow().vxlan().orElseThrow();
                    assertEquals(new Link.Vxlan(42, 4789, Loopback.ip("198.18.9.1")), first);
                    Link.Vxlan second =
                            netlink.vxlanOwner(4790).orElseThrow().vxlan().orElseThrow();
                    assertEquals(new Link.Vxlan(43, 4790, Loopback.ip("::1")), second);
                    assertEquals(Optional.empty(), netlink.vxlanOwner(4791), "a device that is down holds no port");

                    LinuxException e =
                            assertThrows(LinuxException.class, () -> socket.bind(Loopback.ip("198.18.9.1"), 4789));
                    assertTrue(
                            e.getMessage().contains("the kernel VXLAN device vx42 (VNI 42) holds UDP port 4789"),
                            e.getMessage());
                }
                return true;
            });
        }
    }

    private static void add(Namespace live, String device, String vni, String... more) {
        live.ip("link add " + device + " type vxlan id " + vni + " " + String.join(" ", more));
    }

    @Test
    void changesAndDeletesLinks() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            live.ip("link add v0 type veth peer name v1");
            live.netNamespace().call(() -> {
                try (Netlink netlink = Netlink.open()) {
                    Link link = netlink.link("v0").orElseThrow();
                    assertEquals("veth", link.kind());
                    netlink.mac(link, 0x0200_0000_00feL);
                    netlink.mtu(link, 1_400);
                    netlink.txQueueLength(link, 77);
                    netlink.rename(link, "v9");
                    netlink.up(link);
                    Link changed = netlink.link("v9").orElseThrow();
                    assertEquals(link.index(), changed.index());
                    assertEquals(0x0200_0000_00feL, changed.mac());
                    assertEquals(1_400, changed.mtu());
                    assertEquals(77, changed.txQueueLength());
                    assertTrue(changed.isUp());
                    netlink.down(changed);
                    assertFalse(netlink.link("v9").orElseThrow().isUp());
                    netlink.delete(changed);
                    assertEquals(Optional.empty(), netlink.link("v1"));
                }
                return true;
            });
        }
    }

    @Test
    void passesOnWhatTheKernelSays() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            LinuxException e = assertThrows(
                    LinuxException.class,
                    () -> live.netNamespace().call(() -> {
                        try (Netlink netlink = Netlink.open()) {
                            netlink.mtu(netlink.link("lo").orElseThrow(), -1);
                        }
                        return true;
                    }));
            assertTrue(e.getMessage().startsWith("set link mtu -1(lo): EINVAL (invalid argument): "), e.getMessage());
            assertTrue(e.getMessage().contains("the kernel says: mtu "), e.getMessage());
        }
    }
}
