package dev.peregrine.dataplane.observe;

import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.match.Network;
import org.jspecify.annotations.Nullable;

/**
 * Chooses packets by what stands in the inner frame, and by its VNI: all conditions that are given must hold. Reads the
 * frame where it lies, with or without the tunnel header in front, and allocates nothing. Immutable; any thread may use
 * it.
 *
 * @param vni the VNI; {@link #ANY} for all
 * @param sourceMac the source MAC address; {@link #ANY} for all
 * @param destinationMac the destination MAC address; {@link #ANY} for all
 * @param source the source address, of an ARP packet the sender's; null for all
 * @param destination the destination address, of an ARP packet the target's; null for all
 * @param port TCP or UDP port of either side; {@link #ANY} for all
 * @param protocol the protocol; null for all
 * @param drop why the packet ended, which no packet says: {@link #matches} does not ask for it; null for all
 */
public record PacketFilter(
        int vni,
        long sourceMac,
        long destinationMac,
        @Nullable Network source,
        @Nullable Network destination,
        int port,
        @Nullable Protocol protocol,
        @Nullable DropReason drop) {
    /** The value of a number that is not asked for. */
    public static final int ANY = -1;

    /** Lets every packet pass. */
    public static final PacketFilter ALL = new PacketFilter(ANY, ANY, ANY, null, null, ANY, null, null);

    /** The protocols that a filter can ask for. Fragments count to the protocol of their packet. */
    public enum Protocol {
        TCP,
        UDP,
        /** ICMP and ICMPv6. */
        ICMP,
        ICMP6,
        /** IPv6 neighbour discovery: five messages of ICMPv6. */
        ND,
        ARP;

        /** Whether packets of an IP protocol, by its number, carry this; of {@link #ND} they may. */
        public boolean isOf(int number) {
            return switch (this) {
                case TCP -> number == IpProtocol.TCP;
                case UDP -> number == IpProtocol.UDP;
                case ICMP -> number == IpProtocol.ICMP || number == IpProtocol.ICMPV6;
                case ICMP6, ND -> number == IpProtocol.ICMPV6;
                case ARP -> false;
            };
        }
    }

    /**
     * Whether a dissected packet meets all conditions but {@link #drop}.
     *
     * @param frame index in the head of the inner frame's first byte
     * @param itsVni the VNI of the packet; negative when it has none that is known
     */
    public boolean matches(Packet packet, int frame, int itsVni) {
        return (vni == ANY || vni == itsVni)
                && hasMacs(packet, frame)
                && (source == null || isFrom(source, packet))
                && (destination == null || isTo(destination, packet))
                && (port == ANY || hasPort(packet))
                && (protocol == null || carries(protocol, packet));
    }

    private boolean hasMacs(Packet packet, int frame) {
        if (sourceMac == ANY && destinationMac == ANY) {
            return true;
        }
        return packet.headLength() >= frame + EthernetHeader.LENGTH
                && (sourceMac == ANY || packet.getMac(frame + EthernetHeader.SOURCE) == sourceMac)
                && (destinationMac == ANY || packet.getMac(frame + EthernetHeader.DESTINATION) == destinationMac);
    }

    private static boolean isFrom(Network network, Packet packet) {
        return has(network, packet, Ipv4Header.SOURCE, Ipv6Header.SOURCE, ArpPacket.SENDER_IP);
    }

    private static boolean isTo(Network network, Packet packet) {
        return has(network, packet, Ipv4Header.DESTINATION, Ipv6Header.DESTINATION, ArpPacket.TARGET_IP);
    }

    private static boolean has(Network network, Packet packet, int inIpv4, int inIpv6, int inArp) {
        int at = packet.networkIndex();
        if (at < 0) {
            return false;
        }
        if (network.family() == 6) {
            return Dissector.isIpv6(packet)
                    && ((packet.getLong(at + inIpv6) ^ network.high()) & Network.maskHigh(network.length())) == 0
                    && ((packet.getLong(at + inIpv6 + Long.BYTES) ^ network.low()) & Network.maskLow(network.length()))
                            == 0;
        }
        if (Dissector.isIpv6(packet)) {
            return false;
        }
        long address = (long) packet.getInt(at + (Dissector.isIpv4(packet) ? inIpv4 : inArp)) << Integer.SIZE;
        return ((address ^ network.high()) & Network.maskHigh(network.length())) == 0;
    }

    private boolean hasPort(Packet packet) {
        int transport = packet.transportIndex();
        boolean hasPorts = packet.protocol() == IpProtocol.TCP || packet.protocol() == IpProtocol.UDP;
        return hasPorts
                && (packet.getShort(transport + UdpHeader.SOURCE_PORT) == port
                        || packet.getShort(transport + UdpHeader.DESTINATION_PORT) == port);
    }

    private static boolean carries(Protocol protocol, Packet packet) {
        if (protocol == Protocol.ARP) {
            return packet.networkIndex() >= 0 && !Dissector.isIpv4(packet) && !Dissector.isIpv6(packet);
        }
        boolean isOf = protocol.isOf(Dissector.ipProtocol(packet));
        return protocol != Protocol.ND ? isOf : packet.protocol() == IpProtocol.ICMPV6 && isDiscovery(packet);
    }

    private static boolean isDiscovery(Packet packet) {
        int type = packet.getByte(packet.transportIndex() + IcmpHeader.TYPE);
        return type >= NeighbourDiscovery.ROUTER_SOLICITATION && type <= NeighbourDiscovery.REDIRECT;
    }
}
