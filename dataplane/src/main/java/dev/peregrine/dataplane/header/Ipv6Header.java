package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * An IPv6 header (RFC 8200 section 3).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |version| traffic class |              flow label               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |        payload length         |  next header  |   hop limit   |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                                                               |
 *  +                   source address, 128 bits                    +
 *  |                                                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                                                               |
 *  +                 destination address, 128 bits                 +
 *  |                                                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Ipv6Header extends HeaderView {
    /** Bytes of the header. */
    public static final int LENGTH = 40;

    static final int VERSION_CLASS_LABEL = 0;

    /** Offset of the payload length. */
    public static final int PAYLOAD_LENGTH = 4;

    /** Offset of the next header. */
    public static final int NEXT_HEADER = 6;

    /** Offset of the hop limit. */
    public static final int HOP_LIMIT = 7;

    /** Offset of the source address. */
    public static final int SOURCE = 8;

    /** Offset of the lower 64 bits of the source address. */
    public static final int SOURCE_LOW = SOURCE + Long.BYTES;

    /** Offset of the destination address. */
    public static final int DESTINATION = 24;

    /** Offset of the lower 64 bits of the destination address. */
    public static final int DESTINATION_LOW = DESTINATION + Long.BYTES;

    /** Moves the view over the header at {@code index} of the head. */
    public Ipv6Header wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** The version: 6, unless this is no IPv6 header. */
    public int version() {
        return getByte(VERSION_CLASS_LABEL) >>> 4;
    }

    /** Makes this a version 6 header with the given traffic class and flow label 0. */
    public Ipv6Header versionAndTrafficClass(int trafficClass) {
        setInt(VERSION_CLASS_LABEL, (6 << 28) | (trafficClass << 20));
        return this;
    }

    /** The traffic class: DSCP in the upper six bits, ECN in the lower two. */
    public int trafficClass() {
        return (getInt(VERSION_CLASS_LABEL) >>> 20) & 0xff;
    }

    /** Sets the traffic class and keeps the rest; no checksum covers it. */
    public void trafficClass(int trafficClass) {
        setInt(VERSION_CLASS_LABEL, (getInt(VERSION_CLASS_LABEL) & ~(0xff << 20)) | (trafficClass << 20));
    }

    /** Bytes behind this header, extension headers included. */
    public int payloadLength() {
        return getShort(PAYLOAD_LENGTH);
    }

    /** Sets the bytes behind this header. */
    public Ipv6Header payloadLength(int bytes) {
        setShort(PAYLOAD_LENGTH, bytes);
        return this;
    }

    /** The next header: a protocol or an extension header, see {@link IpProtocol}. */
    public int nextHeader() {
        return getByte(NEXT_HEADER);
    }

    /** Sets what follows. */
    public Ipv6Header nextHeader(int protocol) {
        setByte(NEXT_HEADER, protocol);
        return this;
    }

    /** The hop limit. */
    public int hopLimit() {
        return getByte(HOP_LIMIT);
    }

    /** Sets the hop limit. */
    public Ipv6Header hopLimit(int hops) {
        setByte(HOP_LIMIT, hops);
        return this;
    }

    /** The upper 64 bits of the source address. */
    public long sourceHigh() {
        return getLong(SOURCE);
    }

    /** The lower 64 bits of the source address. */
    public long sourceLow() {
        return getLong(SOURCE_LOW);
    }

    /** Sets the source address. */
    public Ipv6Header source(long high, long low) {
        setLong(SOURCE, high);
        setLong(SOURCE_LOW, low);
        return this;
    }

    /** The upper 64 bits of the destination address. */
    public long destinationHigh() {
        return getLong(DESTINATION);
    }

    /** The lower 64 bits of the destination address. */
    public long destinationLow() {
        return getLong(DESTINATION_LOW);
    }

    /** Sets the destination address. */
    public Ipv6Header destination(long high, long low) {
        setLong(DESTINATION, high);
        setLong(DESTINATION_LOW, low);
        return this;
    }
}
