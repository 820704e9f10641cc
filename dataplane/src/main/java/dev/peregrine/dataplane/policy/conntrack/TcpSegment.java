package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The fields that {@link TcpWindows} reads of one TCP segment, or of a superframe of several, which counts as one that
 * is as long. Belongs to one worker.
 */
final class TcpSegment {
    /** The largest shift that RFC 7323 section 2.3 allows. */
    private static final int MAX_SCALE = 14;

    int sequence;

    /** The sequence number behind the segment. */
    int end;

    int acknowledgment;
    int window;
    int flags;

    /** The shift that a SYN offers; negative when it offers none. */
    int scale;

    /** Reads a dissected TCP packet of the bridge; false for a fragment, and where lengths contradict each other. */
    boolean read(Packet packet) {
        int payload = Dissector.payloadIndex(packet);
        if (payload < 0) {
            return false;
        }
        int transport = packet.transportIndex();
        flags = packet.getByte(transport + TcpHeader.FLAGS);
        sequence = packet.getInt(transport + TcpHeader.SEQUENCE);
        acknowledgment = packet.getInt(transport + TcpHeader.ACKNOWLEDGMENT);
        window = packet.getShort(transport + TcpHeader.WINDOW);
        end = sequence + payloadBytes(packet, payload) + (isSyn() ? 1 : 0) + ((flags & TcpHeader.FIN) != 0 ? 1 : 0);
        scale = isSyn() ? scale(packet, transport + TcpHeader.LENGTH, payload) : -1;
        return true;
    }

    private static int payloadBytes(Packet packet, int payload) {
        return packet.isSuperframe()
                ? packet.wireBytes() - packet.wirePackets() * payload
                : Dissector.ipEnd(packet) - payload;
    }

    /** Notes a plain segment, with ACK and neither SYN, FIN nor RST, which no tracker sees. */
    static void pass(Packet packet, TcpWindows windows, int flow, boolean fromLow) {
        int payload = Dissector.payloadIndex(packet);
        if (payload < 0) {
            return; // as read says of it
        }
        int transport = packet.transportIndex();
        int sequence = packet.getInt(transport + TcpHeader.SEQUENCE);
        windows.accept(
                flow,
                fromLow,
                TcpHeader.ACK,
                sequence,
                sequence + payloadBytes(packet, payload),
                packet.getInt(transport + TcpHeader.ACKNOWLEDGMENT),
                packet.getShort(transport + TcpHeader.WINDOW));
    }

    boolean isSyn() {
        return (flags & TcpHeader.SYN) != 0;
    }

    boolean hasAcknowledgment() {
        return (flags & TcpHeader.ACK) != 0;
    }

    private static int scale(Packet packet, int from, int to) {
        int at = from;
        while (at + TcpHeader.OPTION_VALUE < to) {
            int kind = packet.getByte(at);
            if (kind == TcpHeader.WINDOW_SCALE) {
                return Math.min(packet.getByte(at + TcpHeader.OPTION_VALUE), MAX_SCALE);
            }
            int length = packet.getByte(at + TcpHeader.OPTION_LENGTH);
            if (kind == TcpHeader.END_OF_OPTIONS || (kind != TcpHeader.NO_OPERATION && length < 2)) {
                return -1;
            }
            at += kind == TcpHeader.NO_OPERATION ? 1 : length;
        }
        return -1;
    }
}
