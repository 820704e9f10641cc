package dev.peregrine.dataplane.policy.antispoof;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import org.jspecify.annotations.Nullable;

/**
 * The limits of IPv6 neighbour discovery messages (RFC 4861) from a port.
 *
 * <ul>
 *   <li>solicitation: the source link-layer address is the port's. From the unspecified address (duplicate address
 *       detection, RFC 4862 section 5.4.2): for an own address, and without link-layer address;
 *   <li>advertisement: target and link-layer address are the port's;
 *   <li>router solicitation: the source link-layer address is the port's;
 *   <li>router advertisement and redirect: from routers only (RFC 6105), with the port's source link-layer address.
 * </ul>
 *
 * <p>Messages that receivers must ignore by RFC 4861 do not pass: a hop limit other than 255, options of length 0 or
 * past the end; nor do fragmented ones (RFC 6980), which could hide their contents from this guard. The checksum is the
 * receiver's to check. Immutable, shared by all workers.
 */
final class NeighbourGuard {
    private static final int MLD_REPORT = 131;
    private static final int MLD_DONE = 132;
    private static final int MLDV2_REPORT = 143;

    /** More than any host or sensible router sends. */
    private static final int MAX_OPTIONS = 64;

    /** In place of a source MAC address: no link-layer address is own. */
    private static final long NO_MAC = -1;

    private final PortAddresses own;
    private final boolean router;

    NeighbourGuard(PortAddresses own, boolean router) {
        this.own = own;
        this.router = router;
    }

    /** Why a dissected ICMPv6 packet with an own source address must not pass; null when it may. */
    @Nullable
    DropReason violation(Packet packet, long source) {
        int type = packet.getByte(packet.transportIndex());
        if (type < NeighbourDiscovery.ROUTER_SOLICITATION || type > NeighbourDiscovery.REDIRECT) {
            return null;
        }
        boolean allowed = isWellFormed(packet, type)
                && switch (type) {
                    case NeighbourDiscovery.ROUTER_ADVERTISEMENT, NeighbourDiscovery.REDIRECT -> router;
                    case NeighbourDiscovery.ADVERTISEMENT -> isTargetOwn(packet, source);
                    default -> true;
                }
                && areOptionsOwn(packet, type, source);
        return allowed ? null : DropReason.SPOOFED_ND;
    }

    /** As {@link #violation} for an IPv6 packet of any protocol whose source is the unspecified address. */
    @Nullable
    DropReason violationWithoutAddress(Packet packet) {
        if (packet.protocol() != IpProtocol.ICMPV6 || Dissector.isFragment(packet)) {
            return DropReason.SPOOFED_SOURCE_ADDRESS;
        }
        int type = packet.getByte(packet.transportIndex());
        return switch (type) {
            case MLD_REPORT, MLD_DONE, MLDV2_REPORT -> null;
            case NeighbourDiscovery.SOLICITATION, NeighbourDiscovery.ROUTER_SOLICITATION -> {
                boolean allowed = isWellFormed(packet, type)
                        && (type == NeighbourDiscovery.ROUTER_SOLICITATION
                                || isTargetOwn(packet, packet.getMac(EthernetHeader.SOURCE)))
                        && areOptionsOwn(packet, type, NO_MAC);
                yield allowed ? null : DropReason.SPOOFED_ND;
            }
            default -> DropReason.SPOOFED_SOURCE_ADDRESS;
        };
    }

    private static boolean isWellFormed(Packet packet, int type) {
        int end = Dissector.ipEnd(packet);
        return packet.getByte(packet.networkIndex() + Ipv6Header.HOP_LIMIT) == NeighbourDiscovery.HOP_LIMIT
                && packet.transportIndex() + messageLength(type) <= end
                && end <= packet.headLength()
                && !Dissector.isFragment(packet);
    }

    private static int messageLength(int type) {
        return switch (type) {
            case NeighbourDiscovery.ROUTER_SOLICITATION -> IcmpHeader.LENGTH;
            case NeighbourDiscovery.ROUTER_ADVERTISEMENT -> 16;
            case NeighbourDiscovery.REDIRECT -> 40;
            default -> NeighbourDiscovery.LENGTH;
        };
    }

    private boolean isTargetOwn(Packet packet, long source) {
        int target = packet.transportIndex() + NeighbourDiscovery.TARGET;
        return own.hasIpv6(packet.getLong(target), packet.getLong(target + Long.BYTES), source);
    }

    private boolean areOptionsOwn(Packet packet, int type, long source) {
        int end = Dissector.ipEnd(packet);
        int at = packet.transportIndex() + messageLength(type);
        for (int i = 0; i < MAX_OPTIONS && at + NeighbourDiscovery.OPTION_LENGTH <= end; i++) {
            int option = packet.getByte(at);
            int units = packet.getByte(at + NeighbourDiscovery.OPTION_UNITS);
            // The target of a redirect is another host.
            boolean namesPort = option == NeighbourDiscovery.SOURCE_ADDRESS
                    || (option == NeighbourDiscovery.TARGET_ADDRESS && type != NeighbourDiscovery.REDIRECT);
            if (units == 0 || (namesPort && !isOwnMac(packet, at, units, source))) {
                return false;
            }
            at += units * NeighbourDiscovery.OPTION_LENGTH;
        }
        return at == end;
    }

    private boolean isOwnMac(Packet packet, int option, int units, long source) {
        return source != NO_MAC
                && units == 1
                && own.isOwn(packet.getMac(option + NeighbourDiscovery.OPTION_VALUE), source);
    }
}
