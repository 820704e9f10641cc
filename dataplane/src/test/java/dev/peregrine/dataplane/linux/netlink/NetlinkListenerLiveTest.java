package dev.peregrine.dataplane.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.NetlinkEvent.Kind;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class NetlinkListenerLiveTest {
    private static final int PATIENCE_MILLIS = 5000;

    @Test
    void hearsLinksAddressesAndRoutesComeAndGo() throws LinuxException {
        try (Namespace live = Live.namespace();
                NetlinkListener listener = live.netNamespace().call(NetlinkListener::open)) {
            assertEquals(List.of(), listener.read(100));
            live.ip("link add d0 type veth peer name d1");
            NetlinkEvent made =
                    await(listener, e -> e.kind() == Kind.LINK && e.name().equals("d0"));
            assertTrue(made.index() > 1 && made.isOwn() && !made.removed(), made::toString);
            live.ip("link set d0 mtu 1400 up");
            live.ip("addr add 198.18.9.1/24 dev d0");
            assertEquals(
                    made.index(), await(listener, e -> e.kind() == Kind.ADDRESS).index());
            live.ip("route add 198.18.10.0/24 dev d0");
            NetlinkEvent route = await(listener, e -> e.kind() == Kind.ROUTE && e.index() == made.index());
            assertFalse(route.removed());
            live.ip("addr del 198.18.9.1/24 dev d0");
            await(listener, e -> e.kind() == Kind.ADDRESS && e.removed());
            live.ip("link del d0");
            await(listener, e -> e.kind() == Kind.LINK && e.removed() && e.index() == made.index());
        }
    }

    @Test
    void hearsNumberedNamespacesAndLetsThemGo() throws LinuxException {
        try (Namespace live = Live.namespace();
                Namespace other = Live.namespace();
                NetlinkListener listener = live.netNamespace().call(NetlinkListener::open)) {
            int id = live.netNamespace().call(() -> number(other.netNamespace()));
            assertNotEquals(NetlinkEvent.OWN, id);
            assertEquals(id, live.netNamespace().call(() -> number(other.netNamespace())));
            other.ip("link add far type veth peer name d1");
            NetlinkEvent made = await(listener, e -> e.name().equals("far"));
            assertEquals(id, made.namespace());
            assertFalse(made.isOwn());
            other.delete();
            await(listener, e -> e.kind() == Kind.NAMESPACE && e.removed() && e.namespace() == id);
        }
    }

    private static int number(NetNamespace other) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            return netlink.namespaceId(other);
        }
    }

    @Test
    void saysThatNewsWasLost() throws LinuxException {
        try (Namespace live = Live.namespace();
                NetlinkListener listener = live.netNamespace().call(NetlinkListener::open)) {
            live.ip("link add d0 type veth peer name d1");
            live.netNamespace().call(() -> {
                try (Netlink netlink = Netlink.open()) {
                    Link link = netlink.link("d0").orElseThrow();
                    for (int i = 0; i < 2000; i++) {
                        netlink.mtu(link, 1000 + i % 2);
                    }
                }
                return true;
            });
            List<NetlinkEvent> events = new ArrayList<>();
            List<NetlinkEvent> more = listener.read(100);
            while (!more.isEmpty()) {
                events.addAll(more);
                more = listener.read(100);
            }
            assertTrue(events.stream().anyMatch(e -> e.kind() == Kind.OVERRUN), () -> events.size() + " events");
        }
    }

    private static NetlinkEvent await(NetlinkListener listener, Predicate<NetlinkEvent> wanted) throws LinuxException {
        List<NetlinkEvent> seen = new ArrayList<>();
        try (Epoll epoll = Epoll.open(1)) {
            epoll.add(listener.fd(), 0);
            long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
            while (System.nanoTime() < deadline) {
                if (epoll.poll(PATIENCE_MILLIS) > 0) {
                    for (NetlinkEvent event : listener.read(1)) {
                        if (wanted.test(event)) {
                            return event;
                        }
                        seen.add(event);
                    }
                }
            }
        }
        throw new AssertionError("not heard; but " + seen);
    }
}
