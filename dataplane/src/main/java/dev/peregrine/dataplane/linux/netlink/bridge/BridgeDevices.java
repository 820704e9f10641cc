package dev.peregrine.dataplane.linux.netlink.bridge;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.NetlinkRequest;
import dev.peregrine.dataplane.linux.netlink.NetlinkSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes bridges, VXLAN devices and bridge ports, in the network namespace of the thread that opened it. For that thread
 * alone. The devices that it makes are down.
 */
public final class BridgeDevices implements AutoCloseable {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;

    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_GROUP = 27;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_INFO_SLAVE_KIND = 4;
    private static final int IFLA_INFO_SLAVE_DATA = 5;

    private static final int IFLA_BR_AGEING_TIME = 4;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;

    private static final int IFLA_VXLAN_ID = 1;
    private static final int IFLA_VXLAN_LOCAL = 4;
    private static final int IFLA_VXLAN_LEARNING = 7;
    private static final int IFLA_VXLAN_PORT = 15;
    private static final int IFLA_VXLAN_LOCAL6 = 17;
    private static final int IFLA_VXLAN_COLLECT_METADATA = 25;

    private static final int IFLA_BRPORT_LEARNING = 8;
    private static final int IFLA_BRPORT_UNICAST_FLOOD = 9;
    private static final int IFLA_BRPORT_MCAST_FLOOD = 27;
    private static final int IFLA_BRPORT_BCAST_FLOOD = 30;
    private static final int IFLA_BRPORT_NEIGH_SUPPRESS = 32;

    private static final byte[] OFF = {0};
    private static final byte[] ON = {1};

    /** The kernel counts in hundredths of a second. */
    private static final int TICKS_PER_SECOND = 100;

    private final NetlinkSocket socket;

    private BridgeDevices(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** In the calling thread's network namespace. */
    public static BridgeDevices open() throws LinuxException {
        return new BridgeDevices(NetlinkSocket.open());
    }

    /**
     * Makes a bridge that does not look into multicast.
     *
     * @param ageingSeconds after which a learned entry that no frame has confirmed goes, up to 20,000,000
     */
    public void addBridge(String name, int ageingSeconds) throws LinuxException {
        NetlinkRequest request = create(
                name,
                "bridge",
                data -> data.attribute(IFLA_BR_AGEING_TIME, ageingSeconds * TICKS_PER_SECOND)
                        .attribute(IFLA_BR_MCAST_SNOOPING, OFF));
        socket.exchange(request, "add bridge", name, answer -> {});
    }

    /**
     * Makes a VXLAN device that learns nothing.
     *
     * @param local address of its VTEP
     * @param port UDP port
     */
    public void addVxlan(String name, int vni, InetAddress local, int port) throws LinuxException {
        int attribute = local instanceof Inet4Address ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6;
        addVxlan(name, port, data -> data.attribute(IFLA_VXLAN_ID, vni).attribute(attribute, local.getAddress()));
    }

    /**
     * Makes a VXLAN device for all VNIs and VTEPs, which knows none: programs tell it where frames go, and it tells
     * them where frames came from ({@code external}). While it is up, the port is its own, at all addresses.
     */
    public void addExternalVxlan(String name, int port) throws LinuxException {
        addVxlan(name, port, data -> data.attribute(IFLA_VXLAN_COLLECT_METADATA, ON));
    }

    private void addVxlan(String name, int port, Consumer<NetlinkRequest> tunnel) throws LinuxException {
        NetlinkRequest request = create(name, "vxlan", data -> {
            tunnel.accept(data);
            data.attribute(IFLA_VXLAN_LEARNING, OFF).attribute(IFLA_VXLAN_PORT, networkOrder(port));
        });
        socket.exchange(request, "add VXLAN device", name, answer -> {});
    }

    private static byte[] networkOrder(int port) {
        return new byte[] {(byte) (port >>> Byte.SIZE), (byte) port};
    }

    /**
     * Makes a link a port of a bridge, one by which nothing is learned and nothing flooded, neither unknown unicast nor
     * multicast nor broadcast, and for which the bridge answers no ARP.
     */
    public void addQuietPort(Link bridge, Link port) throws LinuxException {
        NetlinkRequest join = NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, port.index(), 0, 0)
                .attribute(IFLA_MASTER, bridge.index());
        socket.exchange(join, "add to bridge " + bridge.name(), port.name(), answer -> {});
        NetlinkRequest flags = NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, port.index(), 0, 0)
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                                .nested(
                                        IFLA_INFO_SLAVE_DATA,
                                        data -> data.attribute(IFLA_BRPORT_LEARNING, OFF)
                                                .attribute(IFLA_BRPORT_UNICAST_FLOOD, OFF)
                                                .attribute(IFLA_BRPORT_MCAST_FLOOD, OFF)
                                                .attribute(IFLA_BRPORT_BCAST_FLOOD, OFF)
                                                .attribute(IFLA_BRPORT_NEIGH_SUPPRESS, OFF)));
        socket.exchange(flags, "set bridge port flags", port.name(), answer -> {});
    }

    /**
     * Removes links together: one by one, each takes the kernel some 30 ms.
     *
     * @param group a number other than 0 that no other link here has as its group
     */
    public void delete(List<Link> links, int group) throws LinuxException {
        for (Link link : links) {
            NetlinkRequest join = NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, link.index(), 0, 0)
                    .attribute(IFLA_GROUP, group);
            socket.exchange(join, "set link group", link.name(), answer -> {});
        }
        NetlinkRequest request =
                NetlinkRequest.link(RTM_DELLINK, NetlinkRequest.ACK, 0, 0, 0).attribute(IFLA_GROUP, group);
        socket.exchange(request, "delete links of group", Integer.toUnsignedString(group), answer -> {});
    }

    private static NetlinkRequest create(String name, String kind, Consumer<NetlinkRequest> data) {
        int flags = NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        return NetlinkRequest.link(RTM_NEWLINK, flags, 0, 0, 0)
                .attribute(IFLA_IFNAME, Netlink.checkName(name))
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_KIND, kind).nested(IFLA_INFO_DATA, data));
    }

    @Override
    public void close() {
        socket.close();
    }
}
