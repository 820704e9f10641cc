package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * A UDP header (RFC 768).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |          source port          |       destination port        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |            length             |           checksum            |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class UdpHeader extends HeaderView {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** Offset of the source port. */
    public static final int SOURCE_PORT = 0;

    /** Offset of the destination port. */
    public static final int DESTINATION_PORT = 2;

    /** Offset of the length. */
    public static final int DATAGRAM_LENGTH = 4;

    /** Offset of the checksum. */
    public static final int CHECKSUM = 6;

    /** Moves the view over the header at {@code index} of the head. */
    public UdpHeader wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** The source port. */
    public int sourcePort() {
        return getShort(SOURCE_PORT);
    }

    /** Sets the source port. */
    public UdpHeader sourcePort(int port) {
        setShort(SOURCE_PORT, port);
        return this;
    }

    /** The destination port. */
    public int destinationPort() {
        return getShort(DESTINATION_PORT);
    }

    /** Sets the destination port. */
    public UdpHeader destinationPort(int port) {
        setShort(DESTINATION_PORT, port);
        return this;
    }

    /** Bytes of header and payload. */
    public int length() {
        return getShort(DATAGRAM_LENGTH);
    }

    /** Sets the bytes of header and payload. */
    public UdpHeader length(int bytes) {
        setShort(DATAGRAM_LENGTH, bytes);
        return this;
    }

    /** The checksum; 0 means none (over IPv4 only). */
    public int checksum() {
        return getShort(CHECKSUM);
    }

    /** Sets the checksum. */
    public UdpHeader checksum(int checksum) {
        setShort(CHECKSUM, checksum);
        return this;
    }
}
