package dev.peregrine.gateway.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PathMtuWatchTest {
    private static final int OVERHEAD = 50;
    private static final long SECOND = 1_000_000_000L;

    private final VtepTable vteps = new VtepTable(4789, 4);
    private final Bridge bridge = new Bridge(new Fdb(100), 0, () -> {});
    private final List<RemoteVtep> asked = new ArrayList<>();
    private int carried = 1600;
    private final PathMtuWatch watch = new PathMtuWatch(
            vtep -> {
                asked.add(vtep);
                return carried;
            },
            vteps,
            bridge,
            OVERHEAD);

    @BeforeEach
    void allowANetwork() {
        vteps.allow(AllowList.of(List.of(new Prefix(ip(0).toInetAddress(), 24))));
        bridge.mtus(PathMtus.of(List.of()).segment(0, 1550, false));
    }

    private static IpAddress ip(int host) {
        return IpAddress.of(InetAddress.ofLiteral("198.18.0." + host));
    }

    private RemoteVtep vtep(int host) {
        return Objects.requireNonNull(vteps.know(ip(host)));
    }

    private int mtu(RemoteVtep vtep) {
        return bridge.mtus().tunnel(vtep.port());
    }

    @Test
    void aNarrowPathIsAskedAboutUntilItIsWideAgain() {
        RemoteVtep vtep = vtep(1);
        watch.tick(0);
        assertEquals(List.of(), asked, "no news");
        carried = 1420;
        vtep.refuseTooLong();
        watch.tick(0);
        assertEquals(1370, mtu(vtep));
        watch.tick(10 * SECOND - 1);
        assertEquals(1, asked.size());
        carried = 1600;
        watch.tick(10 * SECOND);
        assertEquals(PathMtus.UNLIMITED, mtu(vtep));
        watch.tick(100 * SECOND);
        assertEquals(2, asked.size(), "a wide path is not asked about");
    }

    @Test
    void aVtepIsNotHeldToThePathOfTheOneThatHadItsTunnelPortBefore() {
        RemoteVtep first = vtep(1);
        carried = 1420;
        first.refuseTooLong();
        watch.tick(0);
        vteps.retire(List.of(first));
        watch.forget(first);
        vteps.reuse(List.of(first));
        RemoteVtep second = vtep(2);
        assertEquals(first.port(), second.port());
        assertEquals(PathMtus.UNLIMITED, mtu(second));
        watch.tick(20 * SECOND);
        assertEquals(List.of(first), asked, "and there is no news of it");
    }
}
