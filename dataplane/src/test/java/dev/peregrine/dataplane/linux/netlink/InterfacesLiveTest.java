package dev.peregrine.dataplane.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class InterfacesLiveTest {
    @Test
    void seesAddressesAndRoutesOfBothFamilies() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            live.ip("link add v0 type veth peer name v1");
            live.ip("link set v1 up");
            live.ip("address add 198.19.0.2/24 dev v0");
            live.ip("address add fd19::2/64 dev v0 nodad");
            live.ip("link set v0 up");
            live.ip("route add default via 198.19.0.1");
            live.ip("route add fd20::/64 via fd19::1");
            live.ip("route add 203.0.113.0/24 dev v0 table 77");

            InterfaceState v0 = live.netNamespace()
                    .call(() -> Interfaces.read(true))
                    .find("v0")
                    .orElseThrow();
            assertTrue(v0.link().isUp());
            assertTrue(v0.addresses()
                    .containsAll(
                            Set.of(new Prefix(Loopback.ip("198.19.0.2"), 24), new Prefix(Loopback.ip("fd19::2"), 64))));
            assertTrue(
                    v0.routes()
                            .containsAll(Set.of(
                                    new Route(new Prefix(Loopback.ip("0.0.0.0"), 0), Loopback.ip("198.19.0.1")),
                                    new Route(new Prefix(Loopback.ip("198.19.0.0"), 24), null),
                                    new Route(new Prefix(Loopback.ip("fd20::"), 64), Loopback.ip("fd19::1")))),
                    v0::toString);
            assertTrue(
                    v0.routes().stream()
                            .noneMatch(route -> route.to().toString().startsWith("203.")),
                    "other tables are other people's");
            Interfaces without = live.netNamespace().call(() -> Interfaces.read(false));
            assertEquals(Set.of(), without.find(v0.link().index()).orElseThrow().routes());
            assertEquals(Optional.empty(), without.find("v2"));
        }
    }

    @Test
    void aRoundVisitsEveryNamespaceAndTellsWhichAreMissing() throws LinuxException {
        NetNamespace missing = NetNamespace.of("lnx-none");
        NetNamespace noNamespace = NetNamespace.of("/proc/self/status");
        List<String> seen = new ArrayList<>();
        try (Namespace one = Live.namespace();
                Namespace other = Live.namespace()) {
            Thread here = Thread.currentThread();
            NetNamespace.Identity before = NetNamespace.current().identity();
            NetNamespace.forEach(
                    List.of(one.netNamespace(), missing, NetNamespace.current(), noNamespace, other.netNamespace()),
                    new NetNamespace.Visitor() {
                        @Override
                        public void visit(NetNamespace namespace) throws LinuxException {
                            assertEquals(
                                    namespace.identity(), NetNamespace.current().identity());
                            assertEquals(namespace.equals(NetNamespace.current()), Thread.currentThread() == here);
                            seen.add(namespace.name());
                        }

                        @Override
                        public void missing(NetNamespace namespace) {
                            seen.add("no " + namespace.name());
                        }

                        @Override
                        public void failed(NetNamespace namespace, LinuxException why) {
                            throw new AssertionError(why);
                        }
                    });
            assertEquals(before, NetNamespace.current().identity());
            assertEquals(
                    Set.of(one.name(), other.name(), "current", "no lnx-none", "no /proc/self/status"),
                    Set.copyOf(seen));
            assertEquals(5, seen.size());
        }
    }
}
