package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The NAPI instances of one network namespace's interfaces, through the generic netlink family {@code netdev}: of the
 * namespace of the thread which opened it. One thread at a time.
 */
public final class Netdev implements AutoCloseable {
    private static final int GENL_ID_CTRL = 16;
    private static final int CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;
    private static final int CTRL_VERSION = 2;
    private static final String FAMILY = "netdev";
    private static final int FAMILY_VERSION = 1;
    private static final int NETDEV_CMD_NAPI_GET = 11;
    private static final int NETDEV_A_NAPI_IFINDEX = 1;
    private static final int NETDEV_A_NAPI_ID = 2;
    private static final int NETDEV_A_NAPI_IRQ = 3;
    private static final int NETDEV_A_NAPI_PID = 4;
    private static final int NETDEV_A_NAPI_THREADED = 8;

    private final NetlinkSocket socket;
    private final int family;

    private Netdev(NetlinkSocket socket, int family) {
        this.socket = socket;
        this.family = family;
    }

    /** Fails with ENOENT where the kernel is older than Linux 6.3. */
    public static Netdev open() throws LinuxException {
        NetlinkSocket socket = NetlinkSocket.openGeneric();
        try {
            return new Netdev(socket, family(socket));
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    private static int family(NetlinkSocket socket) throws LinuxException {
        int[] id = new int[1];
        NetlinkRequest request = NetlinkRequest.generic(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, CTRL_VERSION)
                .attribute(CTRL_ATTR_FAMILY_NAME, FAMILY);
        socket.exchange(request, "get netlink family", FAMILY, answer -> {
            ByteBuffer value = attributes(answer).get(CTRL_ATTR_FAMILY_ID);
            id[0] = value == null ? 0 : Short.toUnsignedInt(value.getShort(0));
        });
        if (id[0] == 0) {
            throw new LinuxException("get netlink family", FAMILY, Errno.ENOENT);
        }
        return id[0];
    }

    /**
     * The NAPI instances of an interface; none while it is down. Fails with EOPNOTSUPP where the kernel is older than
     * Linux 6.8.
     *
     * @param index the interface's number
     */
    public List<Napi> napis(int index) throws LinuxException {
        List<Napi> napis = new ArrayList<>();
        NetlinkRequest request = NetlinkRequest.generic(
                        family, NetlinkRequest.DUMP, NETDEV_CMD_NAPI_GET, FAMILY_VERSION)
                .attribute(NETDEV_A_NAPI_IFINDEX, index);
        socket.exchange(request, "list NAPI instances", "interface " + index, answer -> {
            Map<Integer, ByteBuffer> attributes = attributes(answer);
            boolean threaded = number(attributes, NETDEV_A_NAPI_THREADED) != 0;
            boolean idle = attributes.containsKey(NETDEV_A_NAPI_THREADED) && !threaded; // it had been threaded before
            napis.add(new Napi(
                    number(attributes, NETDEV_A_NAPI_ID),
                    number(attributes, NETDEV_A_NAPI_IRQ),
                    idle ? 0 : number(attributes, NETDEV_A_NAPI_PID),
                    threaded));
        });
        return napis;
    }

    private static Map<Integer, ByteBuffer> attributes(ByteBuffer answer) {
        ByteBuffer rest = answer.duplicate().order(ByteOrder.nativeOrder());
        rest.position(Math.min(NetlinkRequest.GENERIC_SIZE, rest.limit()));
        return NetlinkSocket.attributes(rest);
    }

    private static int number(Map<Integer, ByteBuffer> attributes, int type) {
        ByteBuffer value = attributes.get(type);
        return value == null || value.remaining() < Integer.BYTES ? 0 : value.getInt(0);
    }

    @Override
    public void close() {
        socket.close();
    }
}
