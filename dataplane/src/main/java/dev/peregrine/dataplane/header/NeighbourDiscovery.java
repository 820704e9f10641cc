package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * A neighbour solicitation or advertisement of ICMPv6 (RFC 4861 sections 4.3 and 4.4).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  type 135/136 |     code      |           checksum            |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |R|S|O|                       reserved                          |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                                                               |
 *  +                        target address                         +
 *  |                          (16 bytes)                           |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  | options: type, length in units of 8 bytes, link-layer address |
 * </pre>
 */
public final class NeighbourDiscovery extends HeaderView {
    /** Bytes in front of the options. */
    public static final int LENGTH = 24;

    /** Bytes of an option with a MAC address. */
    public static final int OPTION_LENGTH = 8;

    /** Offset in an option of its length, in units of 8 bytes. */
    public static final int OPTION_UNITS = 1;

    /** Bytes of an option's type and length in front of its value. */
    public static final int OPTION_VALUE = 2;

    /** A router solicitation. */
    public static final int ROUTER_SOLICITATION = 133;

    /** A router advertisement. */
    public static final int ROUTER_ADVERTISEMENT = 134;

    /** A neighbour solicitation asks for the owner of the target address. */
    public static final int SOLICITATION = 135;

    /** The target address is here. */
    public static final int ADVERTISEMENT = 136;

    /** A redirect names a better next hop. */
    public static final int REDIRECT = 137;

    /** The hop limit; with another one the message came through a router, and counts for nothing. */
    public static final int HOP_LIMIT = 255;

    /** Flag of advertisements: the target is a router. */
    public static final int ROUTER = 0x8000_0000;

    /** Flag of advertisements: the answer to a solicitation. */
    public static final int SOLICITED = 0x4000_0000;

    /** Flag of advertisements: what was known before counts no longer. */
    public static final int OVERRIDE = 0x2000_0000;

    /** Type of the option with the MAC address of the sender. */
    public static final int SOURCE_ADDRESS = 1;

    /** Type of the option with the MAC address of an advertisement's target. */
    public static final int TARGET_ADDRESS = 2;

    /** The answer of {@link #option} when there is none. */
    public static final long NO_ADDRESS = 0;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int FLAGS = 4;

    /** Offset of the target address. */
    public static final int TARGET = 8;

    /** Moves the view over the message at {@code index} of the head. */
    public NeighbourDiscovery wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** {@link #SOLICITATION} or {@link #ADVERTISEMENT}; another number is another message. */
    public int type() {
        return getByte(TYPE);
    }

    /** 0 in a valid message. */
    public int code() {
        return getByte(CODE);
    }

    /** Sets the type, with code and checksum 0. */
    public NeighbourDiscovery type(int type) {
        setInt(TYPE, type << 24);
        return this;
    }

    /** The flags of an advertisement. */
    public int flags() {
        return getInt(FLAGS);
    }

    /** Sets the flags of an advertisement. */
    public NeighbourDiscovery flags(int flags) {
        setInt(FLAGS, flags);
        return this;
    }

    /** The first 64 bits of the target address. */
    public long targetHigh() {
        return getLong(TARGET);
    }

    /** The last 64 bits of the target address. */
    public long targetLow() {
        return getLong(TARGET + Long.BYTES);
    }

    /** Sets the target address. */
    public NeighbourDiscovery target(long high, long low) {
        setLong(TARGET, high);
        setLong(TARGET + Long.BYTES, low);
        return this;
    }

    /**
     * The MAC address in the first option, if that is of a type and the message has {@code length} bytes to hold it.
     */
    public long option(int type, int length) {
        boolean present = length >= LENGTH + OPTION_LENGTH && getShort(LENGTH) == (type << 8 | 1);
        return present ? getMac(LENGTH + OPTION_VALUE) : NO_ADDRESS;
    }

    /** Sets the first option. */
    public NeighbourDiscovery option(int type, long mac) {
        setShort(LENGTH, type << 8 | 1);
        setMac(LENGTH + OPTION_VALUE, mac);
        return this;
    }
}
