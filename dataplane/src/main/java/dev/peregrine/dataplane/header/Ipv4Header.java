package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * An IPv4 header (RFC 791 section 3.1).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |version|  IHL  |    TOS    |ECN|         total length          |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |        identification         |0|D|M|     fragment offset     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |      TTL      |   protocol    |        header checksum        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                        source address                         |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                      destination address                      |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                    options, IHL - 5 words                     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Ipv4Header extends HeaderView {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    /** The first byte of a header without options: version 4, five words. */
    public static final int WITHOUT_OPTIONS = 0x45;

    /** The don't-fragment bit of {@link #fragmentBits}. */
    public static final int DONT_FRAGMENT = 0x4000;

    /** The more-fragments bit of {@link #fragmentBits}. */
    public static final int MORE_FRAGMENTS = 0x2000;

    /** The bits of {@link #fragmentBits} that are set in a fragment: more-fragments and the offset. */
    public static final int FRAGMENT_MASK = 0x3fff;

    /** The fragment offset within {@link #fragmentBits}, in units of 8 bytes. */
    public static final int FRAGMENT_OFFSET_MASK = 0x1fff;

    /** Offset of the version and the header length, 4 bits each. */
    public static final int VERSION_AND_LENGTH = 0;

    /** Offset of the TOS byte. */
    public static final int TOS = 1;

    /** Offset of the total length. */
    public static final int TOTAL_LENGTH = 2;

    /** Offset of the identification. */
    public static final int ID = 4;

    /** Offset of flags and fragment offset. */
    public static final int FRAGMENT_BITS = 6;

    /** Offset of the time to live. */
    public static final int TTL = 8;

    /** Offset of the protocol. */
    public static final int PROTOCOL = 9;

    /** Offset of the header checksum. */
    public static final int CHECKSUM = 10;

    /** Offset of the source address. */
    public static final int SOURCE = 12;

    /** Offset of the destination address. */
    public static final int DESTINATION = 16;

    /** Moves the view over the header at {@code index} of the head. */
    public Ipv4Header wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** The version: 4, unless this is no IPv4 header. */
    public int version() {
        return getByte(VERSION_AND_LENGTH) >>> 4;
    }

    /** Bytes of the header, options included: 0 to 60, as the packet claims. */
    public int headerLength() {
        return headerLength(getByte(VERSION_AND_LENGTH));
    }

    /** Bytes of a header, options included, by its first byte. */
    public static int headerLength(int versionAndLength) {
        return (versionAndLength & 0xf) << 2;
    }

    /** Makes this a version 4 header without options. */
    public Ipv4Header versionAndLength() {
        setByte(VERSION_AND_LENGTH, WITHOUT_OPTIONS);
        return this;
    }

    /** The TOS byte: DSCP in the upper six bits, ECN in the lower two (RFC 3168 section 5). */
    public int tos() {
        return getByte(TOS);
    }

    /** Sets the TOS byte and corrects the header checksum for it. */
    public void replaceTos(int tos) {
        int before = getShort(VERSION_AND_LENGTH);
        setByte(TOS, tos);
        setShort(CHECKSUM, InternetChecksum.update(getShort(CHECKSUM), before, getShort(VERSION_AND_LENGTH)));
    }

    /** Sets the TOS byte. */
    public Ipv4Header tos(int tos) {
        setByte(TOS, tos);
        return this;
    }

    /** Bytes of header and payload. */
    public int totalLength() {
        return getShort(TOTAL_LENGTH);
    }

    /** Sets the bytes of header and payload. */
    public Ipv4Header totalLength(int bytes) {
        setShort(TOTAL_LENGTH, bytes);
        return this;
    }

    /** The identification. */
    public int id() {
        return getShort(ID);
    }

    /** Sets the identification. */
    public Ipv4Header id(int id) {
        setShort(ID, id);
        return this;
    }

    /** Flags and fragment offset, 16 bits. */
    public int fragmentBits() {
        return getShort(FRAGMENT_BITS);
    }

    /** Sets flags and fragment offset. */
    public Ipv4Header fragmentBits(int bits) {
        setShort(FRAGMENT_BITS, bits);
        return this;
    }

    /** Whether the packet is one of several fragments, the first included. */
    public boolean isFragment() {
        return (fragmentBits() & FRAGMENT_MASK) != 0;
    }

    /** The time to live. */
    public int ttl() {
        return getByte(TTL);
    }

    /** Sets the time to live. */
    public Ipv4Header ttl(int ttl) {
        setByte(TTL, ttl);
        return this;
    }

    /** The protocol of the payload. */
    public int protocol() {
        return getByte(PROTOCOL);
    }

    /** Sets the protocol of the payload. */
    public Ipv4Header protocol(int protocol) {
        setByte(PROTOCOL, protocol);
        return this;
    }

    /** The header checksum. */
    public int checksum() {
        return getShort(CHECKSUM);
    }

    /** Computes and sets the header checksum, options included. */
    public Ipv4Header fillChecksum() {
        setShort(CHECKSUM, 0);
        setShort(CHECKSUM, InternetChecksum.complement(sum(headerLength())));
        return this;
    }

    /** Whether the header checksum is right; the whole header must lie in the head. */
    public boolean hasValidChecksum() {
        return InternetChecksum.fold(sum(headerLength())) == 0xffff;
    }

    /** The source address. */
    public int source() {
        return getInt(SOURCE);
    }

    /** Sets the source address. */
    public Ipv4Header source(int address) {
        setInt(SOURCE, address);
        return this;
    }

    /** The destination address. */
    public int destination() {
        return getInt(DESTINATION);
    }

    /** Sets the destination address. */
    public Ipv4Header destination(int address) {
        setInt(DESTINATION, address);
        return this;
    }
}
