package dev.peregrine.dataplane.linux.sys;

/**
 * The layouts behind {@code recvmmsg} and {@code sendmmsg}: offsets and sizes in bytes.
 *
 * <pre>
 * mmsghdr   0 name*  8 namelen (u32)  16 iov*  24 iovlen (u64)  32 control*  40 controllen (u64)  48 flags (i32)
 *           56 len (u32)                                                                     64 bytes
 * iovec     0 base*  8 length (u64)                                                          16 bytes
 * cmsghdr   0 length (u64, header included)  8 level (i32)  12 type (i32)  16 data, padded to 8 bytes
 * </pre>
 */
public final class MessageHeader {
    /** - */
    public static final int SIZE = 64;
    /** - */
    public static final int NAME = 0;
    /** - */
    public static final int NAME_LENGTH = 8;
    /** - */
    public static final int IOVECS = 16;
    /** - */
    public static final int IOVEC_COUNT = 24;
    /** - */
    public static final int CONTROL = 32;
    /** - */
    public static final int CONTROL_LENGTH = 40;
    /** - */
    public static final int FLAGS = 48;
    /** - */
    public static final int LENGTH = 56;

    /** - */
    public static final int IOVEC_SIZE = 16;

    /** - */
    public static final int CONTROL_HEADER_SIZE = 16;
    /** A control message whose data is at most 8 bytes, padding included. */
    public static final int SMALL_CONTROL_SIZE = 24;

    /** - */
    public static final int SOL_IP = 0;

    /** - */
    public static final int SOL_UDP = 17;
    /** - */
    public static final int SOL_IPV6 = 41;
    /** - */
    public static final int IP_TOS = 1;
    /** - */
    public static final int IP_TTL = 2;
    /** - */
    public static final int IP_RECVERR = 11;
    /** - */
    public static final int IPV6_RECVERR = 25;
    /** - */
    public static final int IPV6_HOPLIMIT = 52;
    /** - */
    public static final int IPV6_TCLASS = 67;
    /** - */
    public static final int UDP_SEGMENT = 103;
    /** - */
    public static final int UDP_GRO = 104;

    /** - */
    public static final int MSG_TRUNC = 0x20;
    /** - */
    public static final int MSG_DONTWAIT = 0x40;
    /** - */
    public static final int MSG_ERRQUEUE = 0x2000;

    private MessageHeader() {}
}
