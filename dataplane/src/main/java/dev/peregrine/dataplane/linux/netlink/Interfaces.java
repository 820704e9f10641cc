package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All interfaces of one network namespace, with their addresses and routes, as they were at one moment. */
public final class Interfaces {
    private static final int RTM_GETADDR = 22;
    private static final int RTM_GETROUTE = 26;

    /** {@code ifaddrmsg}: 0 family, 1 prefix length, 2 flags, 3 scope, 4 index. */
    private static final int IFADDRMSG_SIZE = 8;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;

    /** {@code rtmsg}: 0 family, 1 destination length, 4 table, 5 protocol, 6 scope, 7 type. */
    private static final int RTMSG_SIZE = 12;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final byte RTN_UNICAST = 1;

    private final Map<Integer, Link> links = new HashMap<>();
    private final Map<Integer, Set<Prefix>> addresses = new HashMap<>();
    private final Map<Integer, Set<Route>> routes = new HashMap<>();

    private Interfaces() {}

    /**
     * Asks for those of the calling thread's namespace.
     *
     * @param withRoutes whether to include routes: a host may have a million of them, and the kernel walks them all
     */
    public static Interfaces read(boolean withRoutes) throws LinuxException {
        Interfaces all = new Interfaces();
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            new Netlink(socket).links().forEach(link -> all.links.put(link.index(), link));
            socket.exchange(
                    NetlinkRequest.address(RTM_GETADDR, NetlinkRequest.DUMP, 0, 0, 0, 0),
                    "list addresses",
                    "all",
                    all::addAddress);
            if (withRoutes) {
                socket.filterDumps();
                all.readRoutes(socket, Syscalls.AF_INET);
                all.readRoutes(socket, Syscalls.AF_INET6);
            }
        }
        return all;
    }

    private void readRoutes(NetlinkSocket socket, int family) throws LinuxException {
        NetlinkRequest request =
                NetlinkRequest.route(RTM_GETROUTE, NetlinkRequest.DUMP, family, 0, RT_TABLE_MAIN, 0, 0);
        try {
            socket.exchange(request, "list routes", "main table", this::addRoute);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) { // no route was ever added: there is no table
                throw e;
            }
        }
    }

    /** The interface of that number, if there is one. */
    public Optional<InterfaceState> find(int index) {
        return Optional.ofNullable(links.get(index))
                .map(link -> new InterfaceState(
                        link, addresses.getOrDefault(index, Set.of()), routes.getOrDefault(index, Set.of())));
    }

    /** The interface of that name, if there is one. */
    public Optional<InterfaceState> find(String name) {
        return links.values().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .flatMap(link -> find(link.index()));
    }

    private void addAddress(ByteBuffer answer) {
        int length = Byte.toUnsignedInt(answer.get(1));
        int index = answer.getInt(4);
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(IFADDRMSG_SIZE));
        ByteBuffer local = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
        if (local != null) {
            addresses.computeIfAbsent(index, any -> new HashSet<>()).add(new Prefix(address(local), length));
        }
    }

    private void addRoute(ByteBuffer answer) {
        int family = answer.get(0);
        int length = Byte.toUnsignedInt(answer.get(1));
        boolean isListed = Byte.toUnsignedInt(answer.get(4)) == RT_TABLE_MAIN && answer.get(7) == RTN_UNICAST;
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(RTMSG_SIZE));
        ByteBuffer device = attributes.get(RTA_OIF);
        if (isListed && device != null) {
            ByteBuffer to = attributes.get(RTA_DST);
            ByteBuffer via = attributes.get(RTA_GATEWAY);
            InetAddress destination = to == null ? anyAddress(family) : address(to);
            Route route = new Route(new Prefix(destination, length), via == null ? null : address(via));
            routes.computeIfAbsent(device.getInt(0), any -> new HashSet<>()).add(route);
        }
    }

    /** The destination of a default route, which the kernel leaves out. */
    private static InetAddress anyAddress(int family) {
        return address(ByteBuffer.allocate(family == Syscalls.AF_INET6 ? 16 : 4));
    }

    static InetAddress address(ByteBuffer value) {
        byte[] octets = new byte[value.remaining()];
        value.get(0, octets);
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("the kernel gave an address of " + octets.length + " bytes", e);
        }
    }
}
