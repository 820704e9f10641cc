package dev.peregrine.dataplane.linux.netlink.bridge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a bridge's or a VXLAN device's forwarding database, or of the neighbour table, as a message of rtnetlink
 * describes it. A frame's way through a bridge and a VXLAN device takes two entries: the bridge's, which names the port
 * (it has a {@link #master}), and the device's own ({@link #isSelf}), which names the remote VTEP.
 *
 * <pre>
 * ndmsg   0 family (u8)  4 index (i32)  8 state (u16)  10 flags (u8)  11 type (u8)      12 bytes, then attributes
 * </pre>
 *
 * @param removed whether it has gone; else it is new, changed, or listed
 * @param family {@link #BRIDGE} for a forwarding entry; else the address family of the neighbour
 * @param index number of the interface that it is of
 * @param state {@code NUD_} bits
 * @param flags {@code NTF_} bits
 * @param mac 48 bits, the first octet highest; 0 where none is given, and of the entry that stands for all unknown ones
 * @param address of a forwarding entry the remote VTEP, of a neighbour its IP address; null where none is given
 * @param master number of the bridge whose entry it is; 0 where none is given
 * @param nexthopGroup number of the group of remote VTEPs that stands in place of an address; 0 where none is given
 */
public record NeighbourEntry(
        boolean removed,
        int family,
        int index,
        int state,
        int flags,
        long mac,
        @Nullable InetAddress address,
        int master,
        int nexthopGroup) {
    /** {@code AF_BRIDGE}: the family of forwarding entries. */
    public static final int BRIDGE = 7;

    /** {@code NUD_REACHABLE}: of a forwarding entry, that it was learned, and ages. */
    public static final int REACHABLE = 0x02;

    /** {@code NUD_NOARP}: it stays, and is not asked for. */
    public static final int NOARP = 0x40;

    /** {@code NUD_PERMANENT}: of a forwarding entry of a bridge, a MAC address of the bridge's own. */
    public static final int PERMANENT = 0x80;

    static final int NEW = 28;
    static final int DELETE = 29;
    static final int GET = 30;

    static final int SIZE = 12;
    static final int DST = 1;
    static final int LLADDR = 2;

    private static final int SELF = 0x02;
    private static final int MASTER = 0x04;
    private static final int EXTERNALLY_LEARNED = 0x10;
    private static final int STICKY = 0x40;

    private static final int MASTER_INDEX = 9;
    private static final int NEXTHOP_ID = 13;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int ATTRIBUTE_TYPE = 0x3fff;
    private static final int MAC_BYTES = 6;
    private static final int NO_STATE = 0x01 | 0x20;

    /** The flag with which a request addresses a port's bridge, {@code NTF_MASTER}. */
    static final int TO_MASTER = MASTER;

    /** Whether a device has it itself, and not a bridge whose port it is. */
    public boolean isSelf() {
        return (flags & SELF) != 0;
    }

    /** Whether a control plane has made it. */
    public boolean isExternallyLearned() {
        return (flags & EXTERNALLY_LEARNED) != 0;
    }

    /** Whether it stays with its port, whatever frames say. */
    public boolean isSticky() {
        return (flags & STICKY) != 0;
    }

    /** Whether the neighbour was looked for and not found, or is being looked for. */
    public boolean isUnanswered() {
        return family != BRIDGE && (state & NO_STATE) != 0;
    }

    /**
     * Reads one message.
     *
     * @param removed whether it was {@code RTM_DELNEIGH}
     * @param body from behind the {@code nlmsghdr} on, in host byte order; its position and limit stay
     * @return null if it is cut short or not of a known form
     */
    public static @Nullable NeighbourEntry parse(boolean removed, ByteBuffer body) {
        int start = body.position();
        if (body.remaining() < SIZE) {
            return null;
        }
        long mac = 0;
        InetAddress address = null;
        int master = 0;
        int group = 0;
        int at = start + SIZE;
        while (at + ATTRIBUTE_HEADER <= body.limit()) {
            int length = Short.toUnsignedInt(body.getShort(at));
            int value = at + ATTRIBUTE_HEADER;
            int size = length - ATTRIBUTE_HEADER;
            if (size < 0 || value + size > body.limit()) {
                return null;
            }
            switch (body.getShort(at + 2) & ATTRIBUTE_TYPE) {
                case DST -> address = address(body, value, size);
                case LLADDR -> mac = size == MAC_BYTES ? mac(body, value) : 0;
                case MASTER_INDEX -> master = size == Integer.BYTES ? body.getInt(value) : 0;
                case NEXTHOP_ID -> group = size == Integer.BYTES ? body.getInt(value) : 0;
                default -> {} // of no interest here
            }
            at += (length + 3) & -4;
        }
        return new NeighbourEntry(
                removed,
                body.get(start),
                body.getInt(start + 4),
                Short.toUnsignedInt(body.getShort(start + 8)),
                Byte.toUnsignedInt(body.get(start + 10)),
                mac,
                address,
                master,
                group);
    }

    private static long mac(ByteBuffer body, int at) {
        ByteBuffer wire = body.duplicate().order(ByteOrder.BIG_ENDIAN);
        return Short.toUnsignedLong(wire.getShort(at)) << Integer.SIZE | Integer.toUnsignedLong(wire.getInt(at + 2));
    }

    private static @Nullable InetAddress address(ByteBuffer body, int at, int size) {
        byte[] octets = new byte[size];
        body.get(at, octets);
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException otherLength) {
            return null;
        }
    }
}
