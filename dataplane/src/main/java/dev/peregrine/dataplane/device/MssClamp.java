package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
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
    private static final int FLAGS = 13;
    private static final int CHECKSUM = 16;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int MAXIMUM_SEGMENT_SIZE = 2;
    private static final int OPTION_LENGTH = 4;

    /** The IP header without options or extensions, and the TCP header (RFC 9293 section 3.7.1). */
    private static final int HEADERS_V4 = 40;

    private static final int HEADERS_V6 = 60;

    private MssClamp() {}

    /** Makes the option of a SYN or SYN-ACK fit an MTU; other frames stay as they are. */
    static void clamp(Packet packet, int mtu) {
        if (packet.protocol() != IpProtocol.TCP) {
            return;
        }
        int tcp = packet.transportIndex();
        if ((packet.getByte(tcp + FLAGS) & TcpHeader.SYN) == 0) {
            return;
        }
        int option = find(packet, tcp);
        int largest = mtu - (Dissector.isIpv4(packet) ? HEADERS_V4 : HEADERS_V6);
        if (option >= 0 && packet.getShort(option + 2) > largest) {
            replace(packet, tcp, option + 2, largest);
        }
    }

    /** Index of the option, or -1. */
    private static int find(Packet packet, int tcp) {
        int end = Math.min(
                tcp + (packet.getByte(tcp + FLAGS - 1) >>> 4 << 2),
                Math.min(Dissector.ipEnd(packet), packet.headLength()));
        int at = tcp + TcpHeader.LENGTH;
        while (at + OPTION_LENGTH <= end) {
            int kind = packet.getByte(at);
            int length = kind == NO_OPERATION ? 1 : packet.getByte(at + 1);
            if (kind == END_OF_OPTIONS || length == 0) {
                return -1;
            }
            if (kind == MAXIMUM_SEGMENT_SIZE && length == OPTION_LENGTH) {
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
        int field = tcp + CHECKSUM;
        packet.setShort(
                field,
                InternetChecksum.update(
                        packet.getShort(field), swapped ? swap(before) : before, swapped ? swap(size) : size));
    }

    private static int swap(int value) {
        return Short.reverseBytes((short) value) & 0xffff;
    }
}
