package dev.peregrine.dataplane.header;

/**
 * The header that ICMP (RFC 792) and ICMPv6 messages (RFC 4443) have in common.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |     type      |     code      |           checksum            |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  echo: identifier, sequence; too big: MTU; errors: unused     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |              an error quotes the packet behind this           |
 * </pre>
 */
public final class IcmpHeader {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** Offset of the type. */
    public static final int TYPE = 0;

    /** Offset of the code. */
    public static final int CODE = 1;

    /** Offset of the checksum. */
    public static final int CHECKSUM = 2;

    /** Offset of the identifier of an echo, 16 bits. */
    public static final int ID = 4;

    /** Offset of the MTU of a "packet too big", 32 bits; in "fragmentation needed" the upper half is unused. */
    public static final int MTU = 4;

    /** Offset of the MTU of a "fragmentation needed" (RFC 1191 section 4), 16 bits. */
    public static final int MTU_V4 = 6;

    /** ICMP: echo reply. */
    public static final int ECHO_REPLY = 0;

    /** ICMP: destination unreachable. */
    public static final int UNREACHABLE = 3;

    /** ICMP: source quench, deprecated (RFC 6633). */
    public static final int SOURCE_QUENCH = 4;

    /** ICMP: redirect. */
    public static final int REDIRECT = 5;

    /** ICMP: echo request. */
    public static final int ECHO_REQUEST = 8;

    /** ICMP: time exceeded. */
    public static final int TIME_EXCEEDED = 11;

    /** ICMP: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;

    /** ICMPv6: destination unreachable, the first error. */
    public static final int UNREACHABLE_V6 = 1;

    /** ICMPv6: parameter problem, the last error that is in use. */
    public static final int PARAMETER_PROBLEM_V6 = 4;

    /** ICMPv6: echo request, the first message that is no error. */
    public static final int ECHO_REQUEST_V6 = 128;

    /** ICMPv6: echo reply. */
    public static final int ECHO_REPLY_V6 = 129;

    /** Type and code of ICMP's "fragmentation needed and DF set", 16 bits. */
    public static final int FRAGMENTATION_NEEDED = UNREACHABLE << 8 | 4;

    /** Type and code of ICMPv6's "packet too big", 16 bits. */
    public static final int PACKET_TOO_BIG = 2 << 8;

    private IcmpHeader() {}

    /** Whether a type is that of an echo request or reply. */
    public static boolean isEcho(int type, boolean isIcmpv6) {
        return isIcmpv6 ? type == ECHO_REQUEST_V6 || type == ECHO_REPLY_V6 : type == ECHO_REQUEST || type == ECHO_REPLY;
    }
}
