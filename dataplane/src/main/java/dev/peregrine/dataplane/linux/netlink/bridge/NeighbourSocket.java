package dev.peregrine.dataplane.linux.netlink.bridge;

import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.NetlinkRequest;
import dev.peregrine.dataplane.linux.netlink.NetlinkSocket;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.function.Consumer;

/**
 * Reads and writes forwarding and neighbour entries, in the network namespace of the thread that opened it. For that
 * thread alone.
 */
public final class NeighbourSocket implements AutoCloseable {
    /** Lists of up to 128 MiB, more than a million entries. */
    private static final int MAX_PIECES = 4096;

    private final NetlinkSocket socket;

    private NeighbourSocket(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** In the calling thread's network namespace. */
    public static NeighbourSocket open() throws LinuxException {
        return new NeighbourSocket(NetlinkSocket.open());
    }

    /** Lists the forwarding entries of all bridges and devices. */
    public void forwarding(Consumer<NeighbourEntry> entries) throws LinuxException {
        list(NeighbourEntry.BRIDGE, "list forwarding entries", entries);
    }

    /** Lists the neighbours of all interfaces, IPv4 and IPv6. */
    public void neighbours(Consumer<NeighbourEntry> entries) throws LinuxException {
        list(Syscalls.AF_INET, "list neighbours", entries);
        list(Syscalls.AF_INET6, "list neighbours", entries);
    }

    private void list(int family, String call, Consumer<NeighbourEntry> entries) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.neighbour(NeighbourEntry.GET, NetlinkRequest.DUMP, family, 0, 0, 0);
        socket.exchange(request, call, "all", MAX_PIECES, answer -> {
            NeighbourEntry entry = NeighbourEntry.parse(false, answer);
            if (entry != null && entry.family() == family) {
                entries.accept(entry);
            }
        });
    }

    /** Has a bridge send frames for a MAC address to a port, as if it had learned that now; the entry ages. */
    public void learn(int port, long mac) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.neighbour(
                        NeighbourEntry.NEW,
                        writing(),
                        NeighbourEntry.BRIDGE,
                        port,
                        NeighbourEntry.REACHABLE,
                        NeighbourEntry.TO_MASTER)
                .attribute(NeighbourEntry.LLADDR, Netlink.octets(mac));
        socket.exchange(request, "add forwarding entry", AddressText.mac(mac), answer -> {});
    }

    /** Takes back a bridge's forwarding entry of a port; returns whether there was one. */
    public boolean forget(int port, long mac) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.neighbour(
                        NeighbourEntry.DELETE,
                        NetlinkRequest.ACK,
                        NeighbourEntry.BRIDGE,
                        port,
                        0,
                        NeighbourEntry.TO_MASTER)
                .attribute(NeighbourEntry.LLADDR, Netlink.octets(mac));
        return delete(request, "delete forwarding entry", AddressText.mac(mac));
    }

    /** Names the MAC address of a neighbour, for good: {@code NUD_NOARP}. */
    public void addNeighbour(int index, InetAddress address, long mac) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.neighbour(
                        NeighbourEntry.NEW, writing(), family(address), index, NeighbourEntry.NOARP, 0)
                .attribute(NeighbourEntry.DST, address.getAddress())
                .attribute(NeighbourEntry.LLADDR, Netlink.octets(mac));
        socket.exchange(request, "add neighbour", AddressText.of(address), answer -> {});
    }

    /** Forgets a neighbour; returns whether there was one. */
    public boolean deleteNeighbour(int index, InetAddress address) throws LinuxException {
        NetlinkRequest request = NetlinkRequest.neighbour(
                        NeighbourEntry.DELETE, NetlinkRequest.ACK, family(address), index, 0, 0)
                .attribute(NeighbourEntry.DST, address.getAddress());
        return delete(request, "delete neighbour", AddressText.of(address));
    }

    private boolean delete(NetlinkRequest request, String call, String subject) throws LinuxException {
        try {
            socket.exchange(request, call, subject, answer -> {});
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static int writing() {
        return NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.REPLACE;
    }

    private static int family(InetAddress address) {
        return address instanceof Inet6Address ? Syscalls.AF_INET6 : Syscalls.AF_INET;
    }

    @Override
    public void close() {
        socket.close();
    }
}
