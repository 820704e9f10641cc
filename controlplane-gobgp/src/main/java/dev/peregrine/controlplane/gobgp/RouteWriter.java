package dev.peregrine.controlplane.gobgp;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.peregrine.controlplane.gobgp.api.EVPNInclusiveMulticastEthernetTagRoute;
import dev.peregrine.controlplane.gobgp.api.EVPNMACIPAdvertisementRoute;
import dev.peregrine.controlplane.gobgp.api.EncapExtended;
import dev.peregrine.controlplane.gobgp.api.EthernetSegmentIdentifier;
import dev.peregrine.controlplane.gobgp.api.ExtendedCommunitiesAttribute;
import dev.peregrine.controlplane.gobgp.api.Family;
import dev.peregrine.controlplane.gobgp.api.MacMobilityExtended;
import dev.peregrine.controlplane.gobgp.api.MpReachNLRIAttribute;
import dev.peregrine.controlplane.gobgp.api.OriginAttribute;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.PmsiTunnelAttribute;
import dev.peregrine.controlplane.gobgp.api.RouteDistinguisherIPAddress;
import dev.peregrine.controlplane.gobgp.api.TwoOctetAsSpecificExtended;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;

/**
 * Writes the gateway's own routes as paths of gobgpd's API. Their label is the VNI (RFC 8365 section 5.1.3); they say
 * that the tunnel is VXLAN; type 2 says a sequence in any case, since gobgpd makes one up otherwise; type 3 names
 * ingress replication, without which FRR floods nothing to the VTEP. No state.
 */
final class RouteWriter {
    /** AFI and SAFI of EVPN (RFC 7432 section 7). */
    static final Family EVPN = Family.newBuilder().setAfi(25).setSafi(70).build();

    private static final String PACKAGE = "type.googleapis.com/apipb.";
    private static final int ESI_VALUE_BYTES = 9;

    private RouteWriter() {}

    private static Any any(MessageLite message) {
        return Any.newBuilder()
                .setTypeUrl(PACKAGE + message.getClass().getSimpleName())
                .setValue(message.toByteString())
                .build();
    }

    /** The path of a route that has one route target. */
    static Path path(Route route) {
        Route.Target target = route.targets().iterator().next();
        Any nlri = nlri(route.key(), target.vni());
        Path.Builder path = Path.newBuilder()
                .setFamily(EVPN)
                .setNlri(nlri)
                .addPattrs(any(OriginAttribute.getDefaultInstance()))
                .addPattrs(any(MpReachNLRIAttribute.newBuilder()
                        .setFamily(EVPN)
                        .addNextHops(text(route.vtep()))
                        .addNlris(nlri)
                        .build()))
                .addPattrs(any(communities(route, target)));
        if (route.key() instanceof Route.MulticastKey) {
            path.addPattrs(any(PmsiTunnelAttribute.newBuilder()
                    .setType(RouteReader.INGRESS_REPLICATION)
                    .setLabel(target.vni())
                    .setId(ByteString.copyFrom(route.vtep().toInetAddress().getAddress()))
                    .build()));
        }
        return path.build();
    }

    /** The path that takes a route back, of which gobgpd looks at the destination alone. */
    static Path withdrawal(Route.Key key) {
        return Path.newBuilder()
                .setFamily(EVPN)
                .setNlri(nlri(key, 0))
                .setIsWithdraw(true)
                .build();
    }

    private static Any nlri(Route.Key key, int label) {
        return switch (key) {
            case Route.MacKey mac -> {
                EVPNMACIPAdvertisementRoute.Builder route = EVPNMACIPAdvertisementRoute.newBuilder()
                        .setRd(rd(mac.rd()))
                        .setEsi(EthernetSegmentIdentifier.newBuilder()
                                .setValue(ByteString.copyFrom(new byte[ESI_VALUE_BYTES])))
                        .setEthernetTag(mac.tag())
                        .setMacAddress(AddressText.mac(mac.mac()))
                        .addLabels(label);
                if (mac.address() != null) {
                    route.setIpAddress(text(mac.address()));
                }
                yield any(route.build());
            }
            case Route.MulticastKey multicast ->
                any(EVPNInclusiveMulticastEthernetTagRoute.newBuilder()
                        .setRd(rd(multicast.rd()))
                        .setEthernetTag(multicast.tag())
                        .setIpAddress(text(multicast.originator()))
                        .build());
        };
    }

    private static Any rd(String rd) {
        int colon = rd.lastIndexOf(':');
        return any(RouteDistinguisherIPAddress.newBuilder()
                .setAdmin(rd.substring(0, colon))
                .setAssigned(Integer.parseInt(rd.substring(colon + 1)))
                .build());
    }

    private static ExtendedCommunitiesAttribute communities(Route route, Route.Target target) {
        ExtendedCommunitiesAttribute.Builder communities = ExtendedCommunitiesAttribute.newBuilder()
                .addCommunities(any(TwoOctetAsSpecificExtended.newBuilder()
                        .setIsTransitive(true)
                        .setSubType(RouteReader.ROUTE_TARGET)
                        .setAsn((int) target.as())
                        .setLocalAdmin(target.vni())
                        .build()))
                .addCommunities(any(EncapExtended.newBuilder()
                        .setTunnelType(RouteReader.VXLAN)
                        .build()));
        if (route.key() instanceof Route.MacKey) {
            communities.addCommunities(any(MacMobilityExtended.newBuilder()
                    .setSequenceNum(route.sequence())
                    .setIsSticky(route.sticky())
                    .build()));
        }
        return communities.build();
    }

    private static String text(IpAddress address) {
        return AddressText.of(address.toInetAddress());
    }
}
