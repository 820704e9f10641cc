package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Asks the routing tables of one network namespace, that of the thread which opened it, for routes and their MTUs. An
 * open one keeps its namespace alive, so close it after use. One thread at a time.
 */
public final class RouteLookup implements AutoCloseable {
    private static final int RTM_GETROUTE = 26;
    private static final int RTMSG_SIZE = 12;
    private static final int RTM_TYPE = 7;
    private static final int RTN_LOCAL = 2;
    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTAX_MTU = 2;
    private static final int NEXT_HOP_SIZE = 8;

    private final NetlinkSocket socket;
    private final Map<Integer, Link> links = new HashMap<>();

    private RouteLookup(NetlinkSocket socket, Collection<Link> links) {
        this.socket = socket;
        links.forEach(link -> this.links.put(link.index(), link));
    }

    /** In the calling thread's network namespace, which has these interfaces. */
    public static RouteLookup open(Collection<Link> links) throws LinuxException {
        return new RouteLookup(NetlinkSocket.open(), links);
    }

    /**
     * The MTU of the route to an address, in bytes of IP packet: its own if it has one, else the least of the
     * interfaces that it leaves by. It does not include path MTUs that routers reported.
     *
     * @param from the source address
     * @param device number of the interface to leave by; 0: any
     * @return empty when there is no route, or it leads over the loopback interface
     */
    public OptionalInt mtu(InetAddress to, InetAddress from, int device) throws LinuxException {
        return ask(to, from, device, this::mtu).orElse(OptionalInt.empty());
    }

    /**
     * Where packets to an address leave, as the tables have it; the parameters are those of {@link #mtu}.
     *
     * @return empty when there is no route
     */
    public Optional<RouteExit> exit(InetAddress to, InetAddress from, int device) throws LinuxException {
        return ask(to, from, device, RouteLookup::exit);
    }

    private <T> Optional<T> ask(InetAddress to, InetAddress from, int device, Function<ByteBuffer, T> read)
            throws LinuxException {
        NetlinkRequest request = NetlinkRequest.lookup(RTM_GETROUTE, to, from)
                .attribute(RTA_DST, to.getAddress())
                .attribute(RTA_SRC, from.getAddress());
        if (device != 0) {
            request.attribute(RTA_OIF, device);
        }
        List<T> found = new ArrayList<>();
        try {
            socket.exchange(request, "get route", AddressText.of(to), answer -> found.add(read.apply(answer)));
        } catch (LinuxException e) {
            if (!isNoRoute(e.errno())) {
                throw e;
            }
        }
        return found.stream().findFirst();
    }

    /** For a source address that has just gone the kernel returns EINVAL, for an interface ENODEV. */
    private static boolean isNoRoute(int errno) {
        return switch (errno) {
            case Errno.ENETUNREACH,
                    Errno.EHOSTUNREACH,
                    Errno.EACCES,
                    Errno.ENETDOWN,
                    Errno.ENODEV,
                    Errno.EINVAL,
                    Errno.ESRCH -> true;
            default -> false;
        };
    }

    private OptionalInt mtu(ByteBuffer answer) {
        if (answer.get(RTM_TYPE) == RTN_LOCAL) {
            return OptionalInt.empty();
        }
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(RTMSG_SIZE));
        int least = Integer.MAX_VALUE;
        for (int index : devices(attributes)) {
            Link link = links.get(index);
            if (link != null && !link.isLoopback()) {
                least = Math.min(least, link.mtu());
            }
        }
        if (least == Integer.MAX_VALUE) {
            return OptionalInt.empty();
        }
        ByteBuffer metrics = attributes.get(RTA_METRICS);
        ByteBuffer own =
                metrics == null ? null : NetlinkSocket.attributes(metrics).get(RTAX_MTU);
        return OptionalInt.of(own == null ? least : Math.min(least, own.getInt(0)));
    }

    private static RouteExit exit(ByteBuffer answer) {
        boolean isLocal = answer.get(RTM_TYPE) == RTN_LOCAL;
        Map<Integer, ByteBuffer> attributes = NetlinkSocket.attributes(answer.position(RTMSG_SIZE));
        Optional<InetAddress> via =
                Optional.ofNullable(attributes.get(RTA_GATEWAY)).map(Interfaces::address);
        return new RouteExit(Set.copyOf(devices(attributes)), via, isLocal);
    }

    /** Of several next hops each is {@code rtnexthop}: 0 length (u16)  4 interface (i32), then attributes. */
    private static List<Integer> devices(Map<Integer, ByteBuffer> attributes) {
        List<Integer> devices = new ArrayList<>();
        ByteBuffer one = attributes.get(RTA_OIF);
        if (one != null) {
            devices.add(one.getInt(0));
        }
        ByteBuffer several = attributes.get(RTA_MULTIPATH);
        int position = 0;
        while (several != null && position + NEXT_HOP_SIZE <= several.limit()) {
            devices.add(several.getInt(position + 4));
            position += Math.max(NEXT_HOP_SIZE, (Short.toUnsignedInt(several.getShort(position)) + 3) & -4);
        }
        return devices;
    }

    @Override
    public void close() {
        socket.close();
    }
}
