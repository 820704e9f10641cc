package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * A TCP header (RFC 9293 section 3.1).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |          source port          |       destination port        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                        sequence number                        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                     acknowledgment number                     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  | data  |       |C|E|U|A|P|R|S|F|                               |
 *  | offset| rsrvd |W|C|R|C|S|S|Y|I|            window             |
 *  |       |       |R|E|G|K|H|T|N|N|                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |           checksum            |        urgent pointer         |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                 options, data offset - 5 words                |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class TcpHeader extends HeaderView {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    /** No more data from the sender. */
    public static final int FIN = 0x01;

    /** Synchronize sequence numbers. */
    public static final int SYN = 0x02;

    /** Reset the connection. */
    public static final int RST = 0x04;

    /** Hand the data to the application now. */
    public static final int PSH = 0x08;

    /** The acknowledgment number is valid. */
    public static final int ACK = 0x10;

    /** The urgent pointer is valid. */
    public static final int URG = 0x20;

    /** Congestion was experienced (RFC 3168 section 6.1). */
    public static final int ECE = 0x40;

    /** The congestion window was reduced (RFC 3168 section 6.1). */
    public static final int CWR = 0x80;

    /** Offset of the source port. */
    public static final int SOURCE_PORT = 0;

    /** Offset of the destination port. */
    public static final int DESTINATION_PORT = 2;

    /** Offset of the sequence number. */
    public static final int SEQUENCE = 4;

    /** Offset of the acknowledgment number. */
    public static final int ACKNOWLEDGMENT = 8;

    /** Index of the 16 bits that begin with the data offset: bytes of the header over 4, in the upper 4 bits. */
    public static final int OFFSET_AND_FLAGS = 12;

    /** Offset of the flags. */
    public static final int FLAGS = OFFSET_AND_FLAGS + 1;

    /** Offset of the window. */
    public static final int WINDOW = 14;

    /** Index of the checksum. */
    public static final int CHECKSUM = 16;

    /** Option kind: the list ends here. */
    public static final int END_OF_OPTIONS = 0;

    /** Option kind of one byte, without a length. */
    public static final int NO_OPERATION = 1;

    /** Option kind: the maximum segment size, 16 bits. */
    public static final int MAXIMUM_SEGMENT_SIZE = 2;

    /** Option kind: the window scale (RFC 7323 section 2.2), 8 bits. */
    public static final int WINDOW_SCALE = 3;

    /** Offset in an option of its length. */
    public static final int OPTION_LENGTH = 1;

    /** Bytes of kind and length in front of an option's value. */
    public static final int OPTION_VALUE = 2;

    /** Moves the view over the header at {@code index} of the head. */
    public TcpHeader wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** The source port. */
    public int sourcePort() {
        return getShort(SOURCE_PORT);
    }

    /** The destination port. */
    public int destinationPort() {
        return getShort(DESTINATION_PORT);
    }

    /** The sequence number of the first payload byte. */
    public int sequence() {
        return getInt(SEQUENCE);
    }

    /** The acknowledgment number. */
    public int acknowledgment() {
        return getInt(ACKNOWLEDGMENT);
    }

    /** Bytes of the header, options included: 0 to 60, as the packet claims. */
    public int headerLength() {
        return headerLength(getByte(OFFSET_AND_FLAGS));
    }

    /** Bytes of a header, options included, by its byte {@link #OFFSET_AND_FLAGS}. */
    public static int headerLength(int dataOffset) {
        return dataOffset >>> 4 << 2;
    }

    /** The eight flags from CWR to FIN. */
    public int flags() {
        return getByte(FLAGS);
    }

    /** The window, unscaled. */
    public int window() {
        return getShort(WINDOW);
    }

    /** The checksum. */
    public int checksum() {
        return getShort(CHECKSUM);
    }
}
