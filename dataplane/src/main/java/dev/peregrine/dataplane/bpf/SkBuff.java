package dev.peregrine.dataplane.bpf;

/**
 * Where a program finds what the kernel knows of its frame: offsets in {@code struct __sk_buff}, whose address is in
 * {@link Register#R1} at the start. Every field is a word of 32 bits in the host's byte order, unless said otherwise.
 */
public final class SkBuff {
    /** Bytes of the frame, of a superframe all of them. */
    public static final int LEN = 0;

    /** {@code PACKET_HOST} 0, {@code PACKET_BROADCAST} 1, {@code PACKET_MULTICAST} 2, {@code PACKET_OTHERHOST} 3. */
    public static final int PKT_TYPE = 4;

    /** The mark, which programs and firewalls may write. */
    public static final int MARK = 8;

    /** The EtherType, network order, behind tags that are not in the frame. */
    public static final int PROTOCOL = 16;

    /** Whether there is a VLAN tag that is not in the frame. */
    public static final int VLAN_PRESENT = 20;

    /** That tag's control information. */
    public static final int VLAN_TCI = 24;

    /** The EtherType of that tag, network order. */
    public static final int VLAN_PROTO = 28;

    /** The interface whose hook this is. */
    public static final int IFINDEX = 40;

    /** The hash of the flow, if the kernel has computed it. */
    public static final int HASH = 68;

    /** Address of the first byte that lies in one piece: a load gives a pointer. */
    public static final int DATA = 76;

    /** Address behind the last byte that lies in one piece: a load gives a pointer. */
    public static final int DATA_END = 80;

    /** Segments of a superframe; 0 of a plain frame. */
    public static final int GSO_SEGS = 164;

    /** Bytes of payload in each segment of a superframe; 0 of a plain frame. */
    public static final int GSO_SIZE = 176;

    /** Length of the structure. */
    public static final int SIZE = 192;

    private SkBuff() {}
}
