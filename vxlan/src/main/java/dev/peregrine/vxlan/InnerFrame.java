package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.PriorityTag;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The properties of a dissected inner frame that the tunnel needs: its VLAN tags, and the fields of its IP header that
 * travel between inner and outer header. A view, wrapped before it is read.
 */
final class InnerFrame {
    /** Where the version and the traffic class are in the first 16 bits of an IP header. */
    private static final int VERSION_SHIFT = 12;

    private static final int CLASS_SHIFT = 4;

    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private Packet packet;
    private int index;
    private int network;
    private int tagBytes;
    private int etherType;

    @SuppressWarnings("NullAway.Init") // a view is wrapped before it is read
    InnerFrame() {}

    /** Looks at the frame at {@code index} of the head, which must hold an Ethernet header from there. */
    InnerFrame wrap(Packet packet, int index) {
        this.packet = packet;
        this.index = index;
        network = packet.networkIndex();
        etherType = packet.getShort(index + EthernetHeader.ETHER_TYPE);
        tagBytes = 0;
        if (EthernetHeader.isVlan(etherType)) {
            tagBytes = VlanTags.bytes(packet, index);
            etherType = VlanTags.type(packet, index + EthernetHeader.ETHER_TYPE + tagBytes);
        }
        return this;
    }

    /** Whether the only tag is a priority tag (VLAN 0). */
    boolean hasPriorityTagAlone() {
        return tagBytes == VlanTags.LENGTH && PriorityTag.isPresent(packet, index);
    }

    /** Bytes of VLAN tags. */
    int tagBytes() {
        return tagBytes;
    }

    /** Whether the EtherType behind any tags is IP; the header may still be malformed. */
    boolean isIp() {
        return etherType == EthernetHeader.IPV4 || etherType == EthernetHeader.IPV6;
    }

    /** Whether the header of an IP frame agrees with the frame: version, header length, and length. */
    boolean hasValidIpHeader() {
        if (network < 0) { // the dissector found no header of the right version in the head
            return false;
        }
        return etherType == EthernetHeader.IPV4
                ? isValid(ipv4.wrap(packet, network))
                : isValid(ipv6.wrap(packet, network));
    }

    private boolean isValid(Ipv4Header ip) {
        return ip.headerLength() >= Ipv4Header.LENGTH
                && network + ip.headerLength() <= packet.headLength()
                && ip.totalLength() >= ip.headerLength()
                && network + ip.totalLength() <= packet.length();
    }

    private boolean isValid(Ipv6Header ip) {
        return network + Ipv6Header.LENGTH + ip.payloadLength() <= packet.length();
    }

    /** TOS or traffic class of the valid IP header of a dissected packet. */
    static int tos(Packet packet) {
        int network = packet.networkIndex();
        int start = packet.getShort(network);
        return start >>> VERSION_SHIFT == 4 ? start & 0xff : (start >>> CLASS_SHIFT) & 0xff;
    }

    /** TTL or hop limit of the valid IP header of a dissected packet. */
    static int ttl(Packet packet) {
        int network = packet.networkIndex();
        boolean ipv4 = packet.getByte(network) >>> 4 == 4;
        return packet.getByte(network + (ipv4 ? Ipv4Header.TTL : Ipv6Header.HOP_LIMIT));
    }

    /** Sets TOS or traffic class of the valid IP header of a dissected packet, and corrects an IPv4 checksum for it. */
    static void replaceTos(Packet packet, int tos) {
        int network = packet.networkIndex();
        int start = packet.getShort(network);
        if (start >>> VERSION_SHIFT == 4) {
            int changed = (start & 0xff00) | tos;
            packet.setShort(network, changed);
            int checksum = network + Ipv4Header.CHECKSUM;
            packet.setShort(checksum, InternetChecksum.update(packet.getShort(checksum), start, changed));
        } else {
            packet.setShort(network, (start & ~(0xff << CLASS_SHIFT)) | (tos << CLASS_SHIFT));
        }
    }
}
