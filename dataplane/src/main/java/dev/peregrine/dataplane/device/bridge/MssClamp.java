package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;

/**
 * Lowers the maximum segment size in the handshake of a TCP connection (RFC 9293 section 3.7.1), so that the other side
 * sends segments that fit an MTU. A SYN without the option stays as it is: its sender takes 536 or 1220 bytes.
 *
 * <pre>
 *  +--------+--------+---------+--------+
 *  |00000010|00000100|   max seg size   |
 *  +--------+--------+---------+--------+
 * </pre>
 */
final class MssClamp {
    private static final int OPTION_BYTES = 4;

    /** The IP header without options or extensions, and the TCP header (RFC 9293 section 3.7.1). */
    private static final int HEADERS_V4 = Ipv4Header.LENGTH + TcpHeader.LENGTH;

    private static final int HEADERS_V6 = Ipv6Header.LENGTH + TcpHeader.LENGTH;

    private MssClamp() {}

    /** Makes the option of a SYN or SYN-ACK fit an MTU; other frames stay as they are. */
    static void clamp(Packet packet, int mtu) {
        if (packet.protocol() != IpProtocol.TCP) {
            return;
        }
        int tcp = packet.transportIndex();
        if ((packet.getByte(tcp + TcpHeader.FLAGS) & TcpHeader.SYN) == 0) {
            return;
        }
        int option = find(packet, tcp);
        int largest = mtu - (Dissector.isIpv4(packet) ? HEADERS_V4 : HEADERS_V6);
        if (option >= 0 && packet.getShort(option + TcpHeader.OPTION_VALUE) > largest) {
            replace(packet, tcp, option + TcpHeader.OPTION_VALUE, largest);
        }
    }

    /** Index of the option, or -1. */
    private static int find(Packet packet, int tcp) {
        int end = Math.min(
                tcp + TcpHeader.headerLength(packet.getByte(tcp + TcpHeader.OFFSET_AND_FLAGS)),
                Math.min(Dissector.ipEnd(packet), packet.headLength()));
        int at = tcp + TcpHeader.LENGTH;
        while (at + OPTION_BYTES <= end) {
            int kind = packet.getByte(at);
            int length = kind == TcpHeader.NO_OPERATION ? 1 : packet.getByte(at + TcpHeader.OPTION_LENGTH);
            if (kind == TcpHeader.END_OF_OPTIONS || length == 0) {
                return -1;
            }
            if (kind == TcpHeader.MAXIMUM_SEGMENT_SIZE && length == OPTION_BYTES) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    private static void replace(Packet packet, int tcp, int index, int size) {
        int before = packet.getShort(index);
        packet.setShort(index, size);
        if (packet.checksum() == Checksum.PARTIAL) {
            return; // its field does not cover the header yet
        }
        // At an odd distance the value spans two words of the sum; that equals the swapped value in one word.
        boolean swapped = ((index - tcp) & 1) != 0;
        int field = tcp + TcpHeader.CHECKSUM;
        packet.setShort(
                field,
                InternetChecksum.update(
                        packet.getShort(field), swapped ? swap(before) : before, swapped ? swap(size) : size));
    }

    private static int swap(int value) {
        return Short.reverseBytes((short) value) & 0xffff;
    }
}
