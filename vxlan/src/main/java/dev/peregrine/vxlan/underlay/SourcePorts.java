package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.linux.socket.MtuDiscovery;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.RemoteVtep.Standing;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;

/**
 * The send-only sockets of one worker. A UDP socket has one source port, and routers and receivers spread load by it
 * (RFC 7348 section 5), so there are many, spread over the worker's share of the configured range; the flow hash
 * picks.
 *
 * <p>Each has a send buffer by {@link SendRoom}. Where the kernel does not grant that, there are more sockets, which
 * send to the VTEPs that were not heard from recently: parked datagrams for them then fill only the buffers of these
 * sockets. See docs/adr/0013.
 */
public final class SourcePorts implements AutoCloseable {
    /** The most sockets of one worker that flows are spread over. */
    static final int LIMIT = 64;

    /** The number of sockets for silent VTEPs, and of those for failing ones. */
    public static final int DOUBTFUL = 16;

    /** The most sockets of one worker. */
    public static final int MOST = LIMIT + 2 * DOUBTFUL;

    private final UdpSocket[] sockets;

    /** The first of them carry flows to all VTEPs, those from {@code size} on only to doubtful ones. */
    private final int size;

    private final SendRoom room;
    private int roomFor = -1;
    private volatile int wantedBytes;
    private volatile int grantedBytes;

    private SourcePorts(List<UdpSocket> opened, int size, SendRoom room) {
        sockets = opened.toArray(UdpSocket[]::new);
        this.size = size;
        this.room = room;
    }

    /** The part of the source ports that belongs to one worker, and the room its sockets need. */
    public record Share(UnderlaySettings settings, int worker, int workers, SendRoom room) {
        int first() {
            return settings.firstSourcePort() + (int) ((long) range() * worker / workers);
        }

        /** One after the last. */
        int end() {
            return settings.firstSourcePort() + (int) ((long) range() * (worker + 1) / workers);
        }

        private int range() {
            return settings.lastSourcePort() - settings.firstSourcePort() + 1;
        }
    }

    /**
     * Opens the sockets of one worker; ports that are taken are skipped.
     *
     * @param mostVteps the number of VTEPs for which the constructor asks the kernel for room
     * @throws BindException when no port of the worker's share is free
     */
    public static SourcePorts open(Share share, int mostVteps) throws LinuxException, BindException {
        int from = share.first();
        int to = share.end();
        int wanted = Math.min(LIMIT, to - from);
        List<UdpSocket> opened = new ArrayList<>();
        try {
            for (int i = 0; i < wanted; i++) {
                bind(share.settings, from + (to - from) * i / wanted, from + (to - from) * (i + 1) / wanted, opened);
            }
            int size = opened.size();
            if (size > 0 && grants(opened.getFirst(), share.room, mostVteps) < share.room.bytes(mostVteps)) {
                for (int i = 0; i < 2 * DOUBTFUL && opened.size() == size + i; i++) {
                    bind(share.settings, from, to, opened);
                }
            }
            if (size > 0) {
                SourcePorts ports = new SourcePorts(opened, size, share.room);
                ports.makeRoom(0);
                return ports;
            }
        } catch (LinuxException e) {
            opened.forEach(UdpSocket::close);
            throw e;
        }
        throw new BindException("no free UDP port in the share " + from + "-" + (to - 1) + " of worker " + share.worker
                + " in sourcePorts (ss -lunp shows who holds them): give sourcePorts a wider range");
    }

    /** Adds a socket bound to the first free port from {@code from} to before {@code to}, if there is one. */
    private static void bind(UnderlaySettings settings, int from, int to, List<UdpSocket> opened)
            throws LinuxException {
        UdpSocket socket = UdpSocket.open(family(settings));
        opened.add(socket);
        configure(socket, settings);
        for (int port = from; port < to; port++) {
            if (socket.tryBind(settings.local(), port)) {
                return;
            }
        }
        opened.removeLast().close();
    }

    private static void configure(UdpSocket socket, UnderlaySettings settings) throws LinuxException {
        socket.ipv6Only(true);
        socket.dropAll();
        socket.mtuDiscovery(settings.df() ? MtuDiscovery.DO : MtuDiscovery.DONT);
        if (!settings.checksum()) {
            socket.checksum(false);
        }
        if (settings.device() != null) {
            socket.bindToDevice(settings.device());
        }
    }

    /** The address family of the underlay's local address. */
    public static ProtocolFamily family(UnderlaySettings settings) {
        return settings.local() instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    // ---- room -------------------------------------------------------------------------------------------------

    private static int grants(UdpSocket socket, SendRoom room, int vteps) throws LinuxException {
        return socket.sendBuffer((int) Math.min(room.bytes(vteps), room.most()));
    }

    /**
     * Gives each socket room for the datagrams that the kernel may park for {@code vteps} VTEPs; most calls change
     * nothing.
     */
    public void makeRoom(int vteps) throws LinuxException {
        if (vteps <= roomFor) {
            return;
        }
        int rounded = SendRoom.roundedUp(vteps);
        int granted = Integer.MAX_VALUE;
        for (UdpSocket socket : sockets) {
            granted = Math.min(granted, grants(socket, room, rounded));
        }
        grantedBytes = granted;
        wantedBytes = room.bytes(rounded);
        roomFor = rounded;
    }

    /** The send buffer that each socket should have, in bytes; any thread. */
    public int wantedBytes() {
        return wantedBytes;
    }

    /** The send buffer that each socket has; any thread. */
    public int grantedBytes() {
        return grantedBytes;
    }

    // ---- sockets ----------------------------------------------------------------------------------------------

    /** Makes the kernel report ICMP errors and full queues of devices: see {@link SendErrors}. */
    public void receiveErrors() throws LinuxException {
        for (UdpSocket socket : sockets) {
            socket.receiveErrors(true);
        }
    }

    /** Number of sockets that flows are spread over, 1 to {@link #LIMIT}. */
    public int size() {
        return size;
    }

    /** Number of all sockets, at most {@link #MOST}. */
    public int sockets() {
        return sockets.length;
    }

    /** The number of the socket that a flow to a VTEP is sent by. */
    public int choose(int flowHash, RemoteVtep vtep) {
        Standing standing = vtep.standing();
        if (sockets.length == size || standing == Standing.HEARD) {
            return (int) ((Integer.toUnsignedLong(flowHash * Mix.GOLDEN_32) * size) >>> Integer.SIZE);
        }
        int half = (sockets.length - size) / 2;
        int group = standing == Standing.FAILING ? half : 0;
        return half == 0 ? size : size + group + vtep.index() % half;
    }

    /** The socket with a number from 0. */
    public UdpSocket socket(int number) {
        return sockets[number];
    }

    @Override
    public void close() {
        for (UdpSocket socket : sockets) {
            socket.close();
        }
    }
}
