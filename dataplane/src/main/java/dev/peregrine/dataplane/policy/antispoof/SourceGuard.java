package dev.peregrine.dataplane.policy.antispoof;

import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Anti-spoofing for one local port: what the workload behind it sends may claim only the port's own addresses, in the
 * headers and in what ARP, neighbour discovery and DHCP messages say. Other hosts' caches and FDBs are thereby safe
 * from the port.
 *
 * <p>MAC addresses are restricted once one is given. IP addresses are restricted, those of both families, once one of
 * either is given; a link-local IPv6 address that is made of the frame's source MAC address (RFC 4291 appendix A) is
 * then always the port's own; one that is not (RFC 7217) has to be given, unless any may be used.
 *
 * <table>
 *   <caption>What passes</caption>
 *   <tr><td>Ethernet</td><td>source MAC address among the port's</td></tr>
 *   <tr><td>ARP</td><td>sender MAC and IPv4 address are the port's; with sender 0.0.0.0 a request for an address of
 *       the port: duplicate address detection (RFC 5227), and nothing that disturbs that of others</td></tr>
 *   <tr><td>IPv4</td><td>source address among the port's; 0.0.0.0 for DHCP requests to 255.255.255.255 and
 *       IpProtocol.IGMP reports of a host that has no address yet</td></tr>
 *   <tr><td>IPv6</td><td>source address among the port's; the unspecified address for duplicate address detection of an
 *       own address (RFC 4862), router solicitations and MLD reports</td></tr>
 *   <tr><td>neighbour discovery</td><td>{@link NeighbourGuard}</td></tr>
 *   <tr><td>DHCP</td><td>requests for an own MAC address, by their destination port; answers only from a DHCP server or
 *       relay</td></tr>
 *   <tr><td>anything else</td><td>by its source MAC address; IP and ARP that cannot be read do not pass</td></tr>
 * </table>
 *
 * <p>Later fragments have no transport header and pass by their source address: what a first fragment would not be let
 * say is not completed by them. Immutable, allocates nothing, shared by all workers. Packets must be dissected.
 */
public final class SourceGuard {
    private static final int IPV4_BROADCAST = -1;

    private static final int DHCP_SERVER = 67;
    private static final int DHCP_CLIENT = 68;
    private static final int DHCPV6_CLIENT = 546;
    private static final int DHCPV6_SERVER = 547;
    private static final int PORT_MASK = 0xffff;

    /** From the UDP header: operation, hardware type and length (Ethernet request), then the client's MAC address. */
    private static final int DHCP_TYPES = UdpHeader.LENGTH;

    private static final int DHCP_REQUEST = 0x01_01_06;
    private static final int DHCP_CLIENT_MAC = UdpHeader.LENGTH + 28;
    private static final int MAC_LENGTH = 6;

    private final PortAddresses own;
    private final NeighbourGuard neighbours;
    private final boolean dhcpServer;

    private SourceGuard(PortAddresses own, boolean router, boolean dhcpServer) {
        this.own = own;
        neighbours = new NeighbourGuard(own, router);
        this.dhcpServer = dhcpServer;
    }

    /** A guard that so far restricts only messages that routers and DHCP servers alone may send. */
    public static Builder builder() {
        return new Builder();
    }

    /** Why a dissected frame from the port must not pass; null when it may. */
    public @Nullable DropReason violation(Packet packet) {
        long source = packet.getMac(EthernetHeader.SOURCE);
        if (!own.isSource(source)) {
            return DropReason.SPOOFED_SOURCE_MAC;
        }
        if (Dissector.isIpv4(packet)) {
            return ipv4(packet, source);
        }
        if (Dissector.isIpv6(packet)) {
            return ipv6(packet, source);
        }
        return packet.networkIndex() >= 0 ? arp(packet, source) : unread(packet);
    }

    /**
     * Whether the guard also checks the payload of such a dissected packet, so that the verdict on one packet does not
     * hold for the next of its flow.
     */
    public static boolean readsMessage(Packet packet) {
        return packet.protocol() == IpProtocol.UDP
                && packet.getShort(packet.transportIndex() + UdpHeader.DESTINATION_PORT) == DHCP_SERVER;
    }

    private @Nullable DropReason arp(Packet packet, long source) {
        int arp = packet.networkIndex();
        int sender = packet.getInt(arp + ArpPacket.SENDER_IP);
        boolean isProbe = sender == 0 && packet.getShort(arp + ArpPacket.OPERATION) == ArpPacket.REQUEST;
        boolean allowed = own.isOwn(packet.getMac(arp + ArpPacket.SENDER_MAC), source)
                && own.hasIpv4(isProbe ? packet.getInt(arp + ArpPacket.TARGET_IP) : sender);
        return allowed ? null : DropReason.SPOOFED_ARP;
    }

    private @Nullable DropReason ipv4(Packet packet, long source) {
        int address = packet.getInt(packet.networkIndex() + Ipv4Header.SOURCE);
        if (!own.hasIpv4(address) && !(address == 0 && isWithoutAddress(packet))) {
            return DropReason.SPOOFED_SOURCE_ADDRESS;
        }
        return packet.protocol() == IpProtocol.UDP ? dhcp(packet, source) : null;
    }

    /** Whether a host without an IPv4 address may send this. */
    private static boolean isWithoutAddress(Packet packet) {
        int transport = packet.transportIndex();
        if (transport < 0 || Dissector.isFragment(packet)) {
            return false;
        }
        if (packet.protocol() == IpProtocol.IGMP) {
            return transport < packet.headLength() && isIgmpReport(packet.getByte(transport));
        }
        return packet.protocol() == IpProtocol.UDP
                && packet.getInt(transport) == (DHCP_CLIENT << 16 | DHCP_SERVER)
                && packet.getInt(packet.networkIndex() + Ipv4Header.DESTINATION) == IPV4_BROADCAST;
    }

    /** Reports of versions 1 to 3, and leave (RFC 3376 section 4). */
    private static boolean isIgmpReport(int type) {
        return type == 0x12 || type == 0x16 || type == 0x17 || type == 0x22;
    }

    private @Nullable DropReason dhcp(Packet packet, long source) {
        int udp = packet.transportIndex();
        int ports = packet.getInt(udp);
        int destination = ports & PORT_MASK;
        if (ports >>> 16 == DHCP_SERVER || destination == DHCP_CLIENT) {
            return dhcpServer ? null : DropReason.SPOOFED_DHCP;
        }
        if (destination != DHCP_SERVER || dhcpServer) { // a server takes requests from whatever port (RFC 2131)
            return null;
        }
        boolean allowed = packet.headLength() >= udp + DHCP_CLIENT_MAC + MAC_LENGTH
                && packet.getInt(udp + DHCP_TYPES) >>> 8 == DHCP_REQUEST
                && own.isOwn(packet.getMac(udp + DHCP_CLIENT_MAC), source);
        return allowed ? null : DropReason.SPOOFED_DHCP;
    }

    private @Nullable DropReason ipv6(Packet packet, long source) {
        int network = packet.networkIndex();
        long high = packet.getLong(network + Ipv6Header.SOURCE);
        long low = packet.getLong(network + Ipv6Header.SOURCE_LOW);
        if ((high | low) == 0) {
            return neighbours.violationWithoutAddress(packet);
        }
        if (!own.hasIpv6(high, low, source)) {
            return DropReason.SPOOFED_SOURCE_ADDRESS;
        }
        return switch (packet.protocol()) {
            case IpProtocol.ICMPV6 -> neighbours.violation(packet, source);
            case IpProtocol.UDP -> dhcpv6(packet);
            case 0 -> hidden(packet);
            default -> null;
        };
    }

    private @Nullable DropReason dhcpv6(Packet packet) {
        int ports = packet.getInt(packet.transportIndex());
        boolean isServer = ports >>> 16 == DHCPV6_SERVER || (ports & PORT_MASK) == DHCPV6_CLIENT;
        return isServer && !dhcpServer ? DropReason.SPOOFED_DHCP : null;
    }

    /** A chain of extension headers that does not show its end may hide an advertisement (RFC 7113 section 3). */
    private static @Nullable DropReason hidden(Packet packet) {
        boolean harmless = IpFragment.offset(packet) > 0
                || packet.getByte(packet.networkIndex() + Ipv6Header.NEXT_HEADER) == IpProtocol.NO_NEXT_HEADER;
        return harmless ? null : DropReason.SPOOFED_ND;
    }

    /** A frame that has no readable network header: other protocols pass, broken IP and ARP do not. */
    private static @Nullable DropReason unread(Packet packet) {
        int at = VlanTags.typeIndex(packet, 0);
        if (at + Short.BYTES > packet.headLength()) {
            return DropReason.SPOOFED_SOURCE_ADDRESS;
        }
        return switch (packet.getShort(at)) {
            case EthernetHeader.ARP -> DropReason.SPOOFED_ARP;
            // Behind more tags than are looked through there may be anything.
            case EthernetHeader.IPV4, EthernetHeader.IPV6, EthernetHeader.VLAN, EthernetHeader.SERVICE_VLAN ->
                DropReason.SPOOFED_SOURCE_ADDRESS;
            default -> null;
        };
    }

    /** Collects a port's own addresses. */
    public static final class Builder {
        private static final int IPV4_IN_128_BITS = 96;

        private final List<Long> macs = new ArrayList<>();
        private final List<AddressRanges.Range> ipv4 = new ArrayList<>();
        private final List<AddressRanges.Range> ipv6 = new ArrayList<>();
        private boolean router;
        private boolean dhcpServer;
        private boolean anyLinkLocal;

        private Builder() {}

        /** Adds a MAC address. */
        public Builder mac(long mac) {
            macs.add(mac);
            return this;
        }

        /** Adds the IPv4 addresses of a prefix of 0 to 32 bits. */
        public Builder ipv4(int address, int prefixLength) {
            if (prefixLength < 0 || prefixLength > Integer.SIZE) {
                throw new IllegalArgumentException("IPv4 prefix length " + prefixLength);
            }
            ipv4.add(AddressRanges.Range.of(0, address & 0xffff_ffffL, IPV4_IN_128_BITS + prefixLength));
            return this;
        }

        /** Adds the IPv6 addresses of a prefix of 0 to 128 bits. */
        public Builder ipv6(long high, long low, int prefixLength) {
            if (prefixLength < 0 || prefixLength > 2 * Long.SIZE) {
                throw new IllegalArgumentException("IPv6 prefix length " + prefixLength);
            }
            ipv6.add(AddressRanges.Range.of(high, low, prefixLength));
            return this;
        }

        /** The port leads to a router: it may send router advertisements and redirects. */
        public Builder router() {
            router = true;
            return this;
        }

        /** The port leads to a DHCP server or relay: it may answer DHCP and DHCPv6 requests. */
        public Builder dhcpServer() {
            dhcpServer = true;
            return this;
        }

        /** The workload chooses its link-local IPv6 addresses itself (RFC 7217): any of them is the port's own. */
        public Builder anyLinkLocal() {
            anyLinkLocal = true;
            return this;
        }

        /** The guard. */
        public SourceGuard build() {
            boolean anyAddress = ipv4.isEmpty() && ipv6.isEmpty();
            long[] own = macs.stream().mapToLong(Long::longValue).toArray();
            PortAddresses addresses =
                    new PortAddresses(own, anyAddress, anyLinkLocal, new AddressRanges(ipv4), new AddressRanges(ipv6));
            return new SourceGuard(addresses, router, dhcpServer);
        }
    }
}
