package dev.peregrine.controlplane.gobgp;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.peregrine.controlplane.gobgp.api.EVPNInclusiveMulticastEthernetTagRoute;
import dev.peregrine.controlplane.gobgp.api.EVPNMACIPAdvertisementRoute;
import dev.peregrine.controlplane.gobgp.api.EncapExtended;
import dev.peregrine.controlplane.gobgp.api.EthernetSegmentIdentifier;
import dev.peregrine.controlplane.gobgp.api.ExtendedCommunitiesAttribute;
import dev.peregrine.controlplane.gobgp.api.FourOctetAsSpecificExtended;
import dev.peregrine.controlplane.gobgp.api.IPv4AddressSpecificExtended;
import dev.peregrine.controlplane.gobgp.api.MacMobilityExtended;
import dev.peregrine.controlplane.gobgp.api.MpReachNLRIAttribute;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.PmsiTunnelAttribute;
import dev.peregrine.controlplane.gobgp.api.RouteDistinguisherIPAddress;
import dev.peregrine.controlplane.gobgp.api.RouteDistinguisherTwoOctetASN;
import dev.peregrine.controlplane.gobgp.api.TwoOctetAsSpecificExtended;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads paths of gobgpd's API as routes. No state. */
final class RouteReader {
    /** Sub-type of a route target (RFC 4360 section 4). */
    static final int ROUTE_TARGET = 2;
    /** Tunnel type VXLAN (RFC 8365 section 11). */
    static final int VXLAN = 8;
    /** PMSI tunnel type: ingress replication (RFC 6514 section 5). */
    static final int INGRESS_REPLICATION = 6;

    static final int MAX_VNI = 0xff_ffff;
    /**
     * The byte over the VNI in a route target that was derived from it: type VXLAN, domain 0 (RFC 8365 section
     * 5.1.2.1).
     */
    private static final int DERIVED = 0x10;

    private static final int SHORT_VNI = 0xffff;
    private static final String MAC = "([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}";

    private RouteReader() {}

    /** The name of a message in an {@code Any}, without its package. */
    private static String name(Any any) {
        return any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('.') + 1);
    }

    /** The destination; null for types of route that are not used. */
    static Route.@Nullable Key key(Path path) throws BadRoute {
        try {
            ByteString bytes = path.getNlri().getValue();
            return switch (name(path.getNlri())) {
                case "EVPNMACIPAdvertisementRoute" -> {
                    EVPNMACIPAdvertisementRoute route = EVPNMACIPAdvertisementRoute.parseFrom(bytes);
                    yield new Route.MacKey(
                            rd(route.getRd()),
                            route.getEthernetTag(),
                            mac(route.getMacAddress()),
                            isNone(route.getIpAddress()) ? null : address(route.getIpAddress()));
                }
                case "EVPNInclusiveMulticastEthernetTagRoute" -> {
                    EVPNInclusiveMulticastEthernetTagRoute route =
                            EVPNInclusiveMulticastEthernetTagRoute.parseFrom(bytes);
                    yield new Route.MulticastKey(
                            rd(route.getRd()), route.getEthernetTag(), address(route.getIpAddress()));
                }
                default -> null;
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new BadRoute(null, "a route that cannot be read: " + Texts.line(String.valueOf(e.getMessage()), 100));
        }
    }

    /** The route at a destination. */
    static Route read(Route.Key key, Path path) throws BadRoute {
        if (key instanceof Route.MacKey) {
            refuseSegment(key, path);
        }
        Attributes attributes = new Attributes();
        try {
            for (Any attribute : path.getPattrsList()) {
                attributes.read(attribute);
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new BadRoute(key, text(key) + ": " + Texts.line(String.valueOf(e.getMessage()), 100));
        }
        if (attributes.vtep == null) {
            throw new BadRoute(key, text(key) + " has no next hop");
        }
        if (attributes.isEncapsulated && !attributes.isVxlan) {
            throw new BadRoute(key, text(key) + " is not for VXLAN");
        }
        return new Route(
                key, attributes.vtep, attributes.targets, attributes.sequence, attributes.sticky, attributes.flood);
    }

    private static void refuseSegment(Route.Key key, Path path) throws BadRoute {
        try {
            EthernetSegmentIdentifier esi = EVPNMACIPAdvertisementRoute.parseFrom(
                            path.getNlri().getValue())
                    .getEsi();
            boolean isZero = esi.getType() == 0;
            for (byte part : esi.getValue()) {
                isZero &= part == 0;
            }
            if (!isZero) {
                throw new BadRoute(key, text(key) + " is of an Ethernet segment: multihoming is not supported");
            }
        } catch (InvalidProtocolBufferException e) {
            throw new BadRoute(key, text(key) + ": " + e.getMessage());
        }
    }

    private static String text(Route.Key key) {
        return "route " + key;
    }

    /** The contents of a path's attributes. */
    private static final class Attributes {
        private @Nullable IpAddress vtep;
        private final Set<Route.Target> targets = new HashSet<>();
        private boolean isEncapsulated;
        private boolean isVxlan;
        private int sequence;
        private boolean sticky;
        private boolean flood;

        void read(Any attribute) throws InvalidProtocolBufferException {
            ByteString bytes = attribute.getValue();
            switch (name(attribute)) {
                case "MpReachNLRIAttribute" -> {
                    MpReachNLRIAttribute reach = MpReachNLRIAttribute.parseFrom(bytes);
                    if (reach.getNextHopsCount() > 0) {
                        vtep = address(reach.getNextHops(0));
                    }
                }
                case "ExtendedCommunitiesAttribute" -> {
                    for (Any community :
                            ExtendedCommunitiesAttribute.parseFrom(bytes).getCommunitiesList()) {
                        readCommunity(community);
                    }
                }
                case "PmsiTunnelAttribute" ->
                    flood = PmsiTunnelAttribute.parseFrom(bytes).getType() == INGRESS_REPLICATION;
                default -> {}
            }
        }

        private void readCommunity(Any community) throws InvalidProtocolBufferException {
            ByteString bytes = community.getValue();
            switch (name(community)) {
                case "TwoOctetAsSpecificExtended" -> {
                    TwoOctetAsSpecificExtended target = TwoOctetAsSpecificExtended.parseFrom(bytes);
                    addTarget(target.getSubType(), target.getAsn(), target.getLocalAdmin());
                }
                case "FourOctetAsSpecificExtended" -> {
                    FourOctetAsSpecificExtended target = FourOctetAsSpecificExtended.parseFrom(bytes);
                    addTarget(target.getSubType(), target.getAsn(), target.getLocalAdmin() & SHORT_VNI);
                }
                case "IPv4AddressSpecificExtended" -> {
                    IPv4AddressSpecificExtended target = IPv4AddressSpecificExtended.parseFrom(bytes);
                    int as = (int) address(target.getAddress()).low();
                    addTarget(target.getSubType(), as, target.getLocalAdmin() & SHORT_VNI);
                }
                case "EncapExtended" -> {
                    isEncapsulated = true;
                    isVxlan |= EncapExtended.parseFrom(bytes).getTunnelType() == VXLAN;
                }
                case "MacMobilityExtended" -> {
                    MacMobilityExtended mobility = MacMobilityExtended.parseFrom(bytes);
                    sequence = mobility.getSequenceNum();
                    sticky = mobility.getIsSticky();
                }
                default -> {}
            }
        }

        private void addTarget(int subType, int as, int local) {
            int domain = local >>> 24;
            if (subType == ROUTE_TARGET && (domain == 0 || domain == DERIVED)) {
                targets.add(new Route.Target(Integer.toUnsignedLong(as), local & MAX_VNI));
            }
        }
    }

    private static String rd(Any rd) throws InvalidProtocolBufferException {
        if (name(rd).equals("RouteDistinguisherIPAddress")) {
            RouteDistinguisherIPAddress its = RouteDistinguisherIPAddress.parseFrom(rd.getValue());
            return its.getAdmin() + ":" + its.getAssigned();
        }
        RouteDistinguisherTwoOctetASN its = RouteDistinguisherTwoOctetASN.parseFrom(rd.getValue()); // or four octets
        String kind = name(rd).contains("Four") ? "L" : "";
        return Integer.toUnsignedString(its.getAdmin()) + kind + ":" + Integer.toUnsignedString(its.getAssigned());
    }

    private static long mac(String text) {
        if (!text.matches(MAC)) {
            throw new IllegalArgumentException(Texts.quoted(text) + " is no MAC address");
        }
        return Long.parseLong(text.replace(":", ""), 16);
    }

    private static IpAddress address(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    /**
     * gobgpd prints an address that is not there as one that is none, by its version another one; its tools take
     * 0.0.0.0.
     */
    static boolean isNone(String address) {
        return address.isEmpty()
                || address.startsWith("<")
                || address.startsWith("invalid")
                || address.equals("0.0.0.0")
                || address.equals("::");
    }
}
