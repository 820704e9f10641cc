package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Routes and claims of tests: VTEP A is another one, B is ours. */
final class Samples {
    static final int VNI = 42;
    static final IpAddress A = ip("198.18.1.1");
    static final IpAddress B = ip("198.18.1.2");

    private Samples() {}

    static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    static Route mac(IpAddress vtep, long mac, @Nullable String address, int sequence, Integer... vnis) {
        Route.Key key = new Route.MacKey(vtep + ":" + vnis[0], 0, mac, address == null ? null : ip(address));
        Set<Route.Target> targets = new HashSet<>();
        for (int vni : vnis) targets.add(new Route.Target(65001, vni));
        return new Route(key, vtep, targets, sequence, false, false);
    }

    static Route multicast(IpAddress vtep, int vni) {
        return new Route(
                new Route.MulticastKey(vtep + ":" + vni, 0, vtep),
                vtep,
                Set.of(new Route.Target(65001, vni)),
                0,
                false,
                true);
    }

    /** As it comes from the neighbour at A. */
    static Path received(Route route) {
        return RouteWriter.path(route).toBuilder().setNeighborIp("198.18.1.1").build();
    }

    static Path withdrawn(Route route) {
        return received(route).toBuilder().setIsWithdraw(true).build();
    }

    static Claim.Station own(long mac, int sequence, String... addresses) {
        return new Claim.Station(
                VNI,
                mac,
                B,
                sequence,
                false,
                List.of(addresses).stream().map(Samples::ip).toList());
    }

    static LocalState state(Claim.Station... stations) {
        return new LocalState(B, "b", "1", true, List.of(new Claim.Member(VNI, B, true)), List.of(stations));
    }
}
