package dev.peregrine.bench.load.gen;

import dev.peregrine.dataplane.linux.UdpAddress;
import java.net.InetAddress;

/** Plans for tests. */
final class Plans {
    private Plans() {}

    /** One flow to nowhere. */
    static GenPlan of(int vni, InnerEnd destination, InnerEnd source, PayloadSizes sizes) {
        UdpAddress to = UdpAddress.of(InetAddress.getLoopbackAddress(), 9);
        return new GenPlan(to, null, vni, destination, source, sizes, 0, 1, 1, 1, 1, 0, 0, false, false, 1, 0);
    }
}
