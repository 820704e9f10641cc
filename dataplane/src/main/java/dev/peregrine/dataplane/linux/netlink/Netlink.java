package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The network interfaces of one network namespace, through rtnetlink: that of the thread which opened it. An open one
 * keeps its namespace alive; so open, use and close it. One thread at a time.
 */
public final class Netlink implements AutoCloseable {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_NEWNSID = 88;
    private static final int RTM_GETNSID = 90;
    private static final int IFINFOMSG_SIZE = 16;

    private static final int IFF_UP = 1;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_TXQLEN = 13;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_GSO_MAX_SEGS = 40;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_VXLAN_ID = 1;
    private static final int IFLA_VXLAN_LOCAL = 4;
    private static final int IFLA_VXLAN_PORT = 15;
    private static final int IFLA_VXLAN_LOCAL6 = 17;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 2;
    private static final int IFADDRMSG_SIZE = 8;

    private static final int NETNSA_NSID = 1;
    private static final int NETNSA_FD = 3;
    private static final int NSID_ANY = -1;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;

    private static final int NAME_LIMIT = 15;

    private final NetlinkSocket socket;

    Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** In the calling thread's network namespace. */
    public static Netlink open() throws LinuxException {
        return new Netlink(NetlinkSocket.open());
    }

    public List<Link> links() throws LinuxException {
        List<Link> links = new ArrayList<>();
        NetlinkRequest request = NetlinkRequest.link(RTM_GETLINK, NetlinkRequest.DUMP, 0, 0, 0);
        socket.exchange(request, "list links", "all", answer -> links.add(parse(answer)));
        return links;
    }

    /** The interface of that name, if there is one. */
    public Optional<Link> link(String name) throws LinuxException {
        return link(NetlinkRequest.link(RTM_GETLINK, 0, 0, 0, 0).attribute(IFLA_IFNAME, checkName(name)), name);
    }

    /** The interface of that number, whatever its name is now, if there is one. */
    public Optional<Link> link(int index) throws LinuxException {
        return link(NetlinkRequest.link(RTM_GETLINK, 0, index, 0, 0), "interface " + index);
    }

    private Optional<Link> link(NetlinkRequest request, String subject) throws LinuxException {
        List<Link> links = new ArrayList<>();
        try {
            socket.exchange(request, "get link", subject, answer -> links.add(parse(answer)));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
        return links.stream().findFirst();
    }

    /**
     * The kernel VXLAN device that receives at a UDP port. It does so only while it is up, and in the namespace where
     * it was made: of a device that was moved this knows nothing.
     */
    public Optional<Link> vxlanOwner(int port) throws LinuxException {
        return links().stream()
                .filter(link -> link.isUp()
                        && link.vxlan().filter(vxlan -> vxlan.port() == port).isPresent())
                .findFirst();
    }

    public void up(Link link) throws LinuxException {
        change(NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, link.index(), IFF_UP, IFF_UP), "set link up", link);
    }

    /** Gives a link its addresses, brings it up and adds the routes, in order. */
    public void bringUp(Link link, List<Prefix> addresses, List<Route> routes) throws LinuxException {
        for (Prefix address : addresses) {
            addAddress(link, address);
        }
        up(link);
        for (Route route : routes) {
            addRoute(link, route);
        }
    }

    public void down(Link link) throws LinuxException {
        change(NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, link.index(), 0, IFF_UP), "set link down", link);
    }

    public void mtu(Link link, int bytes) throws LinuxException {
        change(set(link).attribute(IFLA_MTU, bytes), "set link mtu " + bytes, link);
    }

    /** Sets the MAC address: 48 bits, the first octet highest. */
    public void mac(Link link, long mac) throws LinuxException {
        change(set(link).attribute(IFLA_ADDRESS, octets(mac)), "set link mac " + AddressText.mac(mac), link);
    }

    public void txQueueLength(Link link, int packets) throws LinuxException {
        change(set(link).attribute(IFLA_TXQLEN, packets), "set link txqueuelen " + packets, link);
    }

    /** The most segments of a superframe that is sent to the link; the kernel cuts larger ones itself. */
    public void maxSegments(Link link, int segments) throws LinuxException {
        change(set(link).attribute(IFLA_GSO_MAX_SEGS, segments), "set link gso_max_segs " + segments, link);
    }

    public void rename(Link link, String name) throws LinuxException {
        change(set(link).attribute(IFLA_IFNAME, checkName(name)), "rename link to " + name, link);
    }

    /**
     * Moves a link to another namespace and renames it there. If only renaming fails, the link has been moved.
     *
     * @param namespace an open descriptor of the target
     */
    public void move(Link link, int namespace, String name) throws LinuxException {
        NetlinkRequest request = set(link).attribute(IFLA_NET_NS_FD, namespace).attribute(IFLA_IFNAME, checkName(name));
        change(request, "move link, as " + name, link);
    }

    public void delete(Link link) throws LinuxException {
        change(NetlinkRequest.link(RTM_DELLINK, NetlinkRequest.ACK, link.index(), 0, 0), "delete link", link);
    }

    /** Makes a bridge of links, and brings it up; each port forwards from then on. */
    public void addBridge(String name, List<Link> ports) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.link(RTM_NEWLINK, create(), 0, 0, 0)
                .attribute(IFLA_IFNAME, checkName(name))
                .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge"));
        socket.exchange(request, "add bridge", name, answer -> {});
        Link bridge = link(name)
                .orElseThrow(() -> new LinuxException("get link", name, Errno.ENODEV, "somebody removed the bridge"));
        up(bridge);
        for (Link port : ports) {
            change(set(port).attribute(IFLA_MASTER, bridge.index()), "add to bridge " + name, port);
        }
    }

    /** The addresses of all interfaces, IPv4 and IPv6. */
    public List<InterfaceAddress> addresses() throws LinuxException {
        List<InterfaceAddress> addresses = new ArrayList<>();
        NetlinkRequest request = NetlinkRequest.address(RTM_GETADDR, NetlinkRequest.DUMP, 0, 0, 0, 0);
        socket.exchange(request, "list addresses", "all", answer -> {
            int flags = Byte.toUnsignedInt(answer.get(2));
            int length = Byte.toUnsignedInt(answer.get(1));
            int index = answer.getInt(4);
            Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(IFADDRMSG_SIZE));
            ByteBuffer address = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
            if (address != null) {
                ByteBuffer all = attributes.get(IFA_FLAGS);
                addresses.add(new InterfaceAddress(
                        index, Interfaces.address(address), length, all == null ? flags : all.getInt(0)));
            }
        });
        return addresses;
    }

    /**
     * The number by which this namespace knows another one; assigned now if there is none. A {@link NetlinkListener}
     * names the origin of its events by it. It lasts as long as the other namespace, and does not keep it alive.
     */
    public int namespaceId(NetNamespace other) throws LinuxException {
        int fd = other.open();
        try {
            int known = askNamespaceId(fd, other);
            if (known >= 0) {
                return known;
            }
            NetlinkRequest request = NetlinkRequest.general(RTM_NEWNSID, NetlinkRequest.ACK)
                    .attribute(NETNSA_NSID, NSID_ANY)
                    .attribute(NETNSA_FD, fd);
            socket.exchange(request, "number namespace", other.name(), answer -> {});
            return askNamespaceId(fd, other);
        } finally {
            Syscalls.close(fd);
        }
    }

    private int askNamespaceId(int fd, NetNamespace other) throws LinuxException {
        List<Integer> found = new ArrayList<>();
        NetlinkRequest request = NetlinkRequest.general(RTM_GETNSID, 0).attribute(NETNSA_FD, fd);
        socket.exchange(
                request,
                "get number of namespace",
                other.name(),
                answer -> found.add(integer(
                        NetlinkSocket.attributes(answer.position(Integer.BYTES)).get(NETNSA_NSID))));
        return found.isEmpty() ? NSID_ANY : found.getFirst();
    }

    /** IPv6 addresses are usable at once: without duplicate address detection. */
    public void addAddress(Link link, Prefix prefix) throws LinuxException {
        byte[] address = prefix.address().getAddress();
        boolean ipv6 = address.length == 16;
        NetlinkRequest request = NetlinkRequest.address(
                RTM_NEWADDR, create(), family(address), prefix.length(), ipv6 ? IFA_F_NODAD : 0, link.index());
        request.attribute(IFA_LOCAL, address).attribute(IFA_ADDRESS, address);
        change(request, "add address " + prefix, link);
    }

    /** Into the main table; the link must be up. */
    public void addRoute(Link link, Route route) throws LinuxException {
        byte[] to = route.to().address().getAddress();
        InetAddress via = route.via();
        boolean onLink = via == null && to.length == 4;
        NetlinkRequest request = NetlinkRequest.route(
                RTM_NEWROUTE,
                create(),
                family(to),
                route.to().length(),
                RT_TABLE_MAIN,
                RTPROT_STATIC,
                onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
        request.attribute(RTA_DST, to).attribute(RTA_OIF, link.index());
        if (via != null) {
            request.attribute(RTA_GATEWAY, via.getAddress());
        }
        change(request, "add route " + route, link);
    }

    @Override
    public void close() {
        socket.close();
    }

    /** Refuses a name that the kernel would refuse for an interface, and says why. */
    public static String checkName(String name) {
        boolean valid = !name.isEmpty()
                && name.length() <= NAME_LIMIT
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%');
        if (!valid) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no interface name: 1 to 15 printable characters without / : % and spaces");
        }
        return name;
    }

    /** The six bytes of a MAC address, as on the wire. */
    public static byte[] octets(long mac) {
        byte[] octets = new byte[6];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) (mac >> (40 - 8 * i));
        }
        return octets;
    }

    private static NetlinkRequest set(Link link) {
        return NetlinkRequest.link(RTM_NEWLINK, NetlinkRequest.ACK, link.index(), 0, 0);
    }

    private static int create() {
        return NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
    }

    private static int family(byte[] address) {
        return address.length == 16 ? Syscalls.AF_INET6 : Syscalls.AF_INET;
    }

    private void change(NetlinkRequest request, String call, Link link) throws LinuxException {
        socket.exchange(request, call, link.name(), answer -> {});
    }

    private static Link parse(ByteBuffer answer) {
        int index = answer.getInt(4);
        int flags = answer.getInt(8);
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(IFINFOMSG_SIZE));
        Map<Integer, ByteBuffer> info = nested(attributes.get(IFLA_LINKINFO));
        String kind = string(info.get(IFLA_INFO_KIND));
        Optional<Link.Vxlan> vxlan =
                kind.equals("vxlan") ? Optional.of(vxlan(nested(info.get(IFLA_INFO_DATA)))) : Optional.empty();
        return new Link(
                index,
                string(attributes.get(IFLA_IFNAME)),
                integer(attributes.get(IFLA_MTU)),
                mac(attributes.get(IFLA_ADDRESS)),
                kind,
                flags,
                integer(attributes.get(IFLA_TXQLEN)),
                statistics(attributes.get(IFLA_STATS64)),
                vxlan);
    }

    private static Link.Vxlan vxlan(Map<Integer, ByteBuffer> data) {
        ByteBuffer local = data.getOrDefault(IFLA_VXLAN_LOCAL, data.get(IFLA_VXLAN_LOCAL6));
        ByteBuffer port = data.get(IFLA_VXLAN_PORT);
        return new Link.Vxlan(
                integer(data.get(IFLA_VXLAN_ID)),
                port == null
                        ? 0
                        : Short.toUnsignedInt(port.order(ByteOrder.BIG_ENDIAN).getShort(0)),
                local == null ? null : Interfaces.address(local));
    }

    /** {@code rtnl_link_stats64}: words of 8 bytes. */
    private static Link.Statistics statistics(@Nullable ByteBuffer value) {
        return value == null
                ? new Link.Statistics(0, 0, 0, 0, 0, 0, 0, 0)
                : new Link.Statistics(
                        value.getLong(0),
                        value.getLong(8),
                        value.getLong(16),
                        value.getLong(24),
                        value.getLong(32),
                        value.getLong(48),
                        value.getLong(56),
                        value.getLong(120));
    }

    private static long mac(@Nullable ByteBuffer value) {
        long mac = 0;
        for (int i = 0; value != null && value.remaining() == 6 && i < 6; i++) {
            mac = (mac << 8) | (value.get(i) & 0xff);
        }
        return mac;
    }

    private static Map<Integer, ByteBuffer> nested(@Nullable ByteBuffer value) {
        return value == null ? Map.of() : NetlinkSocket.attributes(value);
    }

    private static String string(@Nullable ByteBuffer value) {
        return value == null ? "" : NetlinkSocket.string(value);
    }

    private static int integer(@Nullable ByteBuffer value) {
        return value == null ? 0 : value.getInt(0);
    }
}
