package dev.peregrine.dataplane.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.netlink.InterfaceSetup.AddAddress;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup.AddRoute;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup.ChangeMac;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup.ChangeMtu;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.testing.Loopback;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterfaceSetupTest {
    private static final int UP = 1;
    private static final long MAC = 0x0200_0000_0002L;
    private static final Prefix FIRST = new Prefix(Loopback.ip("198.19.0.2"), 24);
    private static final Prefix SECOND = new Prefix(Loopback.ip("fd19::2"), 64);
    private static final Prefix OWN = new Prefix(Loopback.ip("198.19.0.77"), 32);
    private static final Route DEFAULT = new Route(new Prefix(Loopback.ip("0.0.0.0"), 0), Loopback.ip("198.19.0.1"));
    private static final Route ON_LINK = new Route(new Prefix(Loopback.ip("198.19.9.0"), 24), null);
    private static final Route OWN_DEFAULT =
            new Route(new Prefix(Loopback.ip("0.0.0.0"), 0), Loopback.ip("198.19.0.9"));

    private final InterfaceSetup setup =
            new InterfaceSetup(MAC, 1450, List.of(FIRST, SECOND), List.of(DEFAULT, ON_LINK));

    private static InterfaceState found(int flags, long mac, int mtu, Set<Prefix> addresses, Set<Route> routes) {
        Link link = new Link(
                7, "eth0", mtu, mac, "tun", flags, 1000, new Link.Statistics(0, 0, 0, 0, 0, 0, 0, 0), Optional.empty());
        return new InterfaceState(link, addresses, routes);
    }

    @Test
    void nothingIsMissingWhereEverythingIs() {
        var found = found(UP, MAC, 1450, Set.of(SECOND, FIRST), Set.of(ON_LINK, DEFAULT));
        assertEquals(List.of(), setup.missingFrom(found));
    }

    @Test
    void whatElseIsThereIsNobodysBusiness() {
        var found = found(UP, MAC, 1450, Set.of(OWN, SECOND, FIRST), Set.of(ON_LINK, OWN_DEFAULT, DEFAULT));
        assertEquals(List.of(), setup.missingFrom(found));
    }

    @Test
    void whatIsMissingComesInTheOrderInWhichItCanBePutBack() {
        var found = found(UP, 0x0200_0000_0099L, 1500, Set.of(OWN), Set.of());
        assertEquals(
                List.of(
                        new ChangeMac(MAC),
                        new ChangeMtu(1450),
                        new AddAddress(FIRST),
                        new AddAddress(SECOND),
                        new AddRoute(DEFAULT),
                        new AddRoute(ON_LINK)),
                setup.missingFrom(found));
    }

    @Test
    void anAddressWithAnotherPrefixLengthIsAnother() {
        var found = found(UP, MAC, 1450, Set.of(new Prefix(FIRST.address(), 25), SECOND), Set.of(ON_LINK, DEFAULT));
        assertEquals(List.of(new AddAddress(FIRST)), setup.missingFrom(found));
    }

    @Test
    void nothingIsPutBackWhileTheInterfaceIsDown() {
        assertEquals(List.of(), setup.missingFrom(found(0, 1, 68, Set.of(), Set.of())));
    }

    @Test
    void saysWhatIsPutBackInWordsOfTheIpCommand() {
        assertEquals("MAC address 02:00:00:00:00:02", new ChangeMac(MAC).toString());
        assertEquals("MTU 1450", new ChangeMtu(1450).toString());
        assertEquals("address 198.19.0.2/24", new AddAddress(FIRST).toString());
        assertEquals("route 0.0.0.0/0 via 198.19.0.1", new AddRoute(DEFAULT).toString());
    }
}
