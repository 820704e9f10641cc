package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One request of rtnetlink or generic netlink under construction, in host byte order.
 *
 * <pre>
 * nlmsghdr  0 length (u32)  4 type (u16)  6 flags (u16)  8 sequence (u32)  12 port id (u32)
 * then the fixed part that the type calls for, then attributes, each padded to 4 bytes:
 * rtattr    0 length (u16, header included)  2 type (u16)  4 value
 * </pre>
 */
public final class NetlinkRequest {
    /** Bytes of an {@code nlmsghdr}. */
    public static final int HEADER_SIZE = 16;

    static final int GENERIC_SIZE = 4;
    static final int REQUEST = 1;
    /** {@code NLM_F_ACK}: the kernel is to answer, also where it has nothing to say. */
    public static final int ACK = 4;
    /** {@code NLM_F_REPLACE}: what is there may be replaced. */
    public static final int REPLACE = 0x100;
    /** {@code NLM_F_EXCL}: fails where it is there already. */
    public static final int EXCLUSIVE = 0x200;
    /** {@code NLM_F_DUMP}: all of them. */
    public static final int DUMP = 0x300;
    /** {@code NLM_F_CREATE}: makes it where it is not there yet. */
    public static final int CREATE = 0x400;

    private static final int ROUTE_OF_TABLE = 0x2000;
    private static final int CAPACITY = 1024;

    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

    private NetlinkRequest(int type, int flags) {
        bytes.putInt(0).putShort((short) type).putShort((short) (REQUEST | flags));
        bytes.putInt(0).putInt(0);
    }

    /** With an {@code ifinfomsg}: 0 family, 2 type, 4 index, 8 flags, 12 mask of flags to change. */
    public static NetlinkRequest link(int type, int flags, int index, int interfaceFlags, int changed) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes.putInt(0).putInt(index).putInt(interfaceFlags).putInt(changed);
        return request;
    }

    /** With an {@code ndmsg}: 0 family, 4 index of the interface, 8 state (u16), 10 flags, 11 type. */
    public static NetlinkRequest neighbour(int type, int flags, int family, int index, int state, int entryFlags) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes.putInt(family).putInt(index).putShort((short) state);
        request.bytes.put((byte) entryFlags).put((byte) 0);
        return request;
    }

    /** With a {@code tcmsg}: 0 family, 4 index, 8 handle, 12 parent, 16 info. */
    static NetlinkRequest traffic(int type, int flags, int index, int handle, int parent, int info) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes.putInt(0).putInt(index).putInt(handle).putInt(parent).putInt(info);
        return request;
    }

    /** With an {@code ifaddrmsg}: 0 family, 1 prefix length, 2 flags, 3 scope, 4 index. */
    static NetlinkRequest address(int type, int flags, int family, int length, int addressFlags, int index) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes
                .put((byte) family)
                .put((byte) length)
                .put((byte) addressFlags)
                .put((byte) 0);
        request.bytes.putInt(index);
        return request;
    }

    /**
     * With an {@code rtmsg}: 0 family, 1 destination length, 2 source length, 3 TOS, 4 table, 5 protocol, 6 scope, 7
     * type, 8 flags.
     */
    static NetlinkRequest route(int type, int flags, int family, int length, int table, int protocol, int scope) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes.put((byte) family).put((byte) length).put((byte) 0).put((byte) 0);
        request.bytes.put((byte) table).put((byte) protocol).put((byte) scope).put((byte) 1);
        request.bytes.putInt(0);
        return request;
    }

    /**
     * With an {@code rtmsg} that asks for the route from one address to another. The answer is the entry of the table
     * ({@code RTM_F_FIB_MATCH}), which does not include path MTUs that routers reported.
     */
    static NetlinkRequest lookup(int type, InetAddress to, InetAddress from) {
        NetlinkRequest request = new NetlinkRequest(type, 0);
        byte[] destination = to.getAddress();
        byte family = (byte) (destination.length == 16 ? Syscalls.AF_INET6 : Syscalls.AF_INET);
        request.bytes.put(family).put((byte) (destination.length * Byte.SIZE));
        request.bytes.put((byte) (from.getAddress().length * Byte.SIZE)).put((byte) 0);
        request.bytes.putInt(0).putInt(ROUTE_OF_TABLE);
        return request;
    }

    /** With an {@code rtgenmsg} of any family, padded to 4 bytes. */
    static NetlinkRequest general(int type, int flags) {
        NetlinkRequest request = new NetlinkRequest(type, flags);
        request.bytes.putInt(0);
        return request;
    }

    /** With a {@code genlmsghdr}: 0 command, 1 version, 2 reserved; {@code family} is the message's type. */
    static NetlinkRequest generic(int family, int flags, int command, int version) {
        NetlinkRequest request = new NetlinkRequest(family, flags);
        request.bytes.put((byte) command).put((byte) version).putShort((short) 0);
        return request;
    }

    /** An attribute of these bytes. */
    public NetlinkRequest attribute(int type, byte... value) {
        bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (bytes.position() % 4 != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /** A number of 32 bits, in host byte order. */
    public NetlinkRequest attribute(int type, int value) {
        bytes.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    /** A zero-terminated string. */
    public NetlinkRequest attribute(int type, String value) {
        return attribute(type, (value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** An attribute that holds what {@code inner} writes. */
    public NetlinkRequest nested(int type, Consumer<NetlinkRequest> inner) {
        int start = bytes.position();
        bytes.putShort((short) 0).putShort((short) type);
        inner.accept(this);
        bytes.putShort(start, (short) (bytes.position() - start));
        return this;
    }

    /** An {@code ifinfomsg} of zeros, with which the description of another link begins. */
    NetlinkRequest anyLink() {
        bytes.putLong(0).putLong(0);
        return this;
    }

    /** Finishes the message, at the beginning of {@code target}; returns its length in bytes. */
    int finish(int sequence, MemorySegment target) {
        int length = bytes.position();
        bytes.putInt(0, length).putInt(8, sequence);
        MemorySegment.copy(bytes.array(), 0, target, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }
}
