package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.namespace.DeviceSysctl;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two interfaces, each of which receives what the other one sends: one here, in the calling thread's network namespace,
 * the other one in a workload's. Both go when one is deleted, or its namespace.
 */
public final class VethPair {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_GETLINK = 18;
    private static final int IFINFOMSG_SIZE = 16;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final byte NO_ADDRESS = 1;

    private VethPair() {}

    /** One end, with what was written on it. */
    public record End(int index, String name, String alias) {}

    /**
     * Makes a pair, both ends down.
     *
     * @param name of the end here
     * @param mtu of the end here, in bytes
     * @param peer name of the other end
     * @param namespace an open descriptor of the other end's namespace
     * @param peerMac 48 bits, the first octet highest
     * @param peerMtu bytes
     */
    public static void add(String name, int mtu, String peer, int namespace, long peerMac, int peerMtu)
            throws LinuxException {
        int flags = NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        NetlinkRequest request = NetlinkRequest.link(RTM_NEWLINK, flags, 0, 0, 0)
                .attribute(IFLA_IFNAME, Netlink.checkName(name))
                .attribute(IFLA_MTU, mtu)
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_KIND, "veth")
                                .nested(
                                        IFLA_INFO_DATA,
                                        data -> data.nested(
                                                VETH_INFO_PEER,
                                                other -> other.anyLink()
                                                        .attribute(IFLA_IFNAME, Netlink.checkName(peer))
                                                        .attribute(IFLA_ADDRESS, Netlink.octets(peerMac))
                                                        .attribute(IFLA_MTU, peerMtu)
                                                        .attribute(IFLA_NET_NS_FD, namespace))));
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            socket.exchange(request, "add veth pair", name + ", " + peer, answer -> {});
        }
    }

    /** Writes a text of at most 255 bytes on a link, which {@code ip link} shows as its alias. */
    public static void mark(Link link, String alias) throws LinuxException {
        NetlinkRequest request = set(link).attribute(IFLA_IFALIAS, alias);
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            socket.exchange(request, "set link alias " + alias, link.name(), answer -> {});
        }
    }

    /**
     * Has the kernel send nothing by a link on its own account: no IPv6 addresses, no neighbour or router discovery.
     */
    public static void silence(Link link) throws LinuxException {
        DeviceSysctl.disableIpv6(link.name());
        NetlinkRequest request = set(link)
                .nested(
                        IFLA_AF_SPEC,
                        families -> families.nested(
                                Syscalls.AF_INET6, ipv6 -> ipv6.attribute(IFLA_INET6_ADDR_GEN_MODE, NO_ADDRESS)));
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            socket.exchange(request, "set link addrgenmode none", link.name(), answer -> {});
        } catch (LinuxException e) {
            if (e.errno() != Errno.EAFNOSUPPORT) { // a kernel without IPv6 is silent anyway
                throw e;
            }
        }
    }

    /** All ends that are here and have something written on them. */
    public static List<End> marked() throws LinuxException {
        return marked("veth");
    }

    /** All links of a kind, as {@code bridge}, that are here and have something written on them. */
    public static List<End> marked(String kind) throws LinuxException {
        List<End> ends = new ArrayList<>();
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            NetlinkRequest request = NetlinkRequest.link(RTM_GETLINK, NetlinkRequest.DUMP, 0, 0, 0);
            socket.exchange(request, "list links", "all", answer -> addIfMarked(answer, kind, ends));
        }
        return ends;
    }

    private static void addIfMarked(ByteBuffer answer, String wanted, List<End> ends) {
        int index = answer.getInt(4);
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(IFINFOMSG_SIZE));
        ByteBuffer name = attributes.get(IFLA_IFNAME);
        ByteBuffer alias = attributes.get(IFLA_IFALIAS);
        ByteBuffer info = attributes.get(IFLA_LINKINFO);
        ByteBuffer kind = info == null ? null : NetlinkSocket.attributes(info).get(IFLA_INFO_KIND);
        if (name != null
                && alias != null
                && kind != null
                && NetlinkSocket.string(kind).equals(wanted)) {
            ends.add(new End(index, NetlinkSocket.string(name), NetlinkSocket.string(alias)));
        }
    }

    private static NetlinkRequest set(Link link) {
        return NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, link.index(), 0, 0);
    }
}
