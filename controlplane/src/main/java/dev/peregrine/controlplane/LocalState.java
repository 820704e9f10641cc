package dev.peregrine.controlplane;

import dev.peregrine.vxlan.IpAddress;
import java.util.List;

/**
 * All that a gateway wants a plane to publish of it.
 *
 * @param vtep the gateway's address on the underlay
 * @param node name of the host
 * @param instance differs from start to start
 * @param published whether anything is to be published; if not, {@code members} and {@code stations} are empty and the
 *     VTEP itself is withdrawn, too
 * @param members one for each VNI
 * @param stations what is behind the gateway's ports
 */
public record LocalState(
        IpAddress vtep,
        String node,
        String instance,
        boolean published,
        List<Claim.Member> members,
        List<Claim.Station> stations) {
    public LocalState {
        members = List.copyOf(members);
        stations = List.copyOf(stations);
    }

    /** Nothing is to be published any more. */
    public static LocalState nothing(IpAddress vtep, String node, String instance) {
        return new LocalState(vtep, node, instance, false, List.of(), List.of());
    }
}
