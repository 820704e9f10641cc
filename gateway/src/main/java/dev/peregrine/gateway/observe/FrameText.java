package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** The headers of an inner frame in one line. Takes any bytes, and says as much as they hold. */
final class FrameText {
    private static final String FLAGS = "FSRPAUEW";
    private static final int IPV6_FRAGMENT = 44;

    private FrameText() {}

    /** Such as {@code 198.19.0.1:40000 > 198.19.0.2:80 tcp S}. */
    static String of(ByteBuffer frame) {
        try {
            return ethernet(frame);
        } catch (IndexOutOfBoundsException cutOff) {
            return frame.remaining() + " bytes, cut off";
        }
    }

    private static String ethernet(ByteBuffer frame) {
        int at = EthernetHeader.ETHER_TYPE;
        int type = frame.getShort(at) & 0xffff;
        StringBuilder tags = new StringBuilder();
        while (EthernetHeader.isVlan(type)) {
            tags.append("vlan ").append(frame.getShort(at + 2) & 0xfff).append(' ');
            at += 4;
            type = frame.getShort(at) & 0xffff;
        }
        int network = at + 2;
        return tags
                + switch (type) {
                    case EthernetHeader.IPV4 -> ipv4(frame, network);
                    case EthernetHeader.IPV6 -> ipv6(frame, network);
                    case EthernetHeader.ARP -> arp(frame, network);
                    default ->
                        String.format(
                                Locale.ROOT,
                                "%s > %s ethertype 0x%04x",
                                mac(frame, EthernetHeader.SOURCE),
                                mac(frame, EthernetHeader.DESTINATION),
                                type);
                };
    }

    private static String mac(ByteBuffer frame, int at) {
        long high = frame.getShort(at) & 0xffffL;
        return new MacAddress((high << 32) | (frame.getInt(at + 2) & 0xffff_ffffL)).toString();
    }

    private static String arp(ByteBuffer frame, int at) {
        String sender = address(frame, at + ArpPacket.SENDER_IP, 4);
        String target = address(frame, at + ArpPacket.TARGET_IP, 4);
        return switch (frame.getShort(at + ArpPacket.OPERATION)) {
            case ArpPacket.REQUEST -> "arp who has " + target + ", tell " + sender;
            case ArpPacket.REPLY -> "arp " + sender + " is at " + mac(frame, at + ArpPacket.SENDER_MAC);
            default -> "arp " + sender + " > " + target;
        };
    }

    private static String ipv4(ByteBuffer frame, int at) {
        int protocol = frame.get(at + Ipv4Header.PROTOCOL) & 0xff;
        int fragment = frame.getShort(at + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_OFFSET_MASK;
        String source = address(frame, at + Ipv4Header.SOURCE, 4);
        String destination = address(frame, at + Ipv4Header.DESTINATION, 4);
        if (fragment != 0) {
            return source + " > " + destination + " " + name(protocol) + " fragment at " + fragment * Long.BYTES;
        }
        int transport = at + Ipv4Header.headerLength(frame.get(at) & 0xff);
        return transport(frame, transport, protocol, source, destination);
    }

    private static String ipv6(ByteBuffer frame, int at) {
        int protocol = frame.get(at + Ipv6Header.NEXT_HEADER) & 0xff;
        String source = address(frame, at + Ipv6Header.SOURCE, 16);
        String destination = address(frame, at + Ipv6Header.DESTINATION, 16);
        return transport(frame, at + Ipv6Header.LENGTH, protocol, source, destination);
    }

    private static String transport(ByteBuffer frame, int at, int protocol, String source, String destination) {
        return switch (protocol) {
            case IpProtocol.TCP -> ends(frame, at, source, destination) + " tcp " + flags(frame, at);
            case IpProtocol.UDP -> ends(frame, at, source, destination) + " udp";
            case IpProtocol.ICMP -> source + " > " + destination + " icmp " + icmp(frame, at);
            case IpProtocol.ICMPV6 -> source + " > " + destination + " icmp6 " + icmp6(frame, at);
            default -> source + " > " + destination + " " + name(protocol);
        };
    }

    private static String ends(ByteBuffer frame, int at, String source, String destination) {
        return end(source, frame.getShort(at)) + " > " + end(destination, frame.getShort(at + 2));
    }

    private static String end(String address, short port) {
        String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
        return host + ":" + (port & 0xffff);
    }

    private static String flags(ByteBuffer frame, int at) {
        int bits = frame.get(at + TcpHeader.FLAGS) & 0xff;
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < FLAGS.length(); i++) {
            if (((bits >>> i) & 1) != 0) {
                flags.append(FLAGS.charAt(i));
            }
        }
        return flags.isEmpty() ? "without flags" : flags.toString();
    }

    private static String icmp(ByteBuffer frame, int at) {
        int type = frame.get(at + IcmpHeader.TYPE) & 0xff;
        return switch (type) {
            case IcmpHeader.ECHO_REQUEST -> "echo request" + echo(frame, at);
            case IcmpHeader.ECHO_REPLY -> "echo reply" + echo(frame, at);
            case IcmpHeader.UNREACHABLE -> "unreachable, code " + frame.get(at + IcmpHeader.CODE);
            default -> "type " + type;
        };
    }

    private static String icmp6(ByteBuffer frame, int at) {
        int type = frame.get(at + IcmpHeader.TYPE) & 0xff;
        return switch (type) {
            case IcmpHeader.ECHO_REQUEST_V6 -> "echo request" + echo(frame, at);
            case IcmpHeader.ECHO_REPLY_V6 -> "echo reply" + echo(frame, at);
            case IcmpHeader.PACKET_TOO_BIG >>> Byte.SIZE -> "packet too big";
            case NeighbourDiscovery.SOLICITATION -> "who has " + address(frame, at + NeighbourDiscovery.TARGET, 16);
            case NeighbourDiscovery.ADVERTISEMENT -> "is here " + address(frame, at + NeighbourDiscovery.TARGET, 16);
            default -> "type " + type;
        };
    }

    private static String echo(ByteBuffer frame, int at) {
        return " id " + (frame.getShort(at + IcmpHeader.ID) & 0xffff) + " seq "
                + (frame.getShort(at + IcmpHeader.ID + 2) & 0xffff);
    }

    private static String name(int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            case IpProtocol.ICMP -> "icmp";
            case IpProtocol.ICMPV6 -> "icmp6";
            case IPV6_FRAGMENT -> "fragment";
            default -> "protocol " + protocol;
        };
    }

    private static String address(ByteBuffer frame, int at, int length) {
        byte[] bytes = new byte[length];
        frame.get(at, bytes);
        try {
            return AddressText.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new AssertionError("four or sixteen bytes are an address", e);
        }
    }
}
