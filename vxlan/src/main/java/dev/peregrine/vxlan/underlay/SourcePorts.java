package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.MtuDiscovery;
import dev.peregrine.dataplane.linux.UdpSocket;
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
 */
final class SourcePorts implements AutoCloseable {
    /** The most sockets of one worker. */
    static final int LIMIT = 64;

    /** Enough for a few dozen superframes that a slow device has not sent yet. */
    private static final int SEND_BUFFER_BYTES = 4 << 20;

    private static final int GOLDEN = 0x9e37_79b1;

    private final UdpSocket[] sockets;

    private SourcePorts(UdpSocket[] sockets) {
        this.sockets = sockets;
    }

    /**
     * Opens the sockets of one worker; ports that are taken are skipped.
     *
     * @throws BindException when no port of the worker's share is free
     */
    static SourcePorts open(UnderlaySettings settings, int worker, int workers) throws LinuxException, BindException {
        int range = settings.lastSourcePort() - settings.firstSourcePort() + 1;
        int from = settings.firstSourcePort() + (int) ((long) range * worker / workers);
        int to = settings.firstSourcePort() + (int) ((long) range * (worker + 1) / workers);
        int wanted = Math.min(LIMIT, to - from);
        List<UdpSocket> opened = new ArrayList<>();
        try {
            for (int i = 0; i < wanted; i++) {
                bind(settings, from + (to - from) * i / wanted, from + (to - from) * (i + 1) / wanted, opened);
            }
        } catch (LinuxException e) {
            opened.forEach(UdpSocket::close);
            throw e;
        }
        if (opened.isEmpty()) {
            throw new BindException("no free UDP port in the share " + from + "-" + (to - 1) + " of worker " + worker
                    + " in sourcePorts (ss -lunp shows who holds them): give sourcePorts a wider range");
        }
        return new SourcePorts(opened.toArray(UdpSocket[]::new));
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
        socket.sendBuffer(SEND_BUFFER_BYTES);
        socket.mtuDiscovery(settings.df() ? MtuDiscovery.DO : MtuDiscovery.DONT);
        if (!settings.checksum() && !socket.isIpv6()) {
            socket.checksum(false);
        }
        if (settings.device() != null) {
            socket.bindToDevice(settings.device());
        }
    }

    static ProtocolFamily family(UnderlaySettings settings) {
        return settings.local() instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    /** Number of sockets, 1 to {@link #LIMIT}. */
    int size() {
        return sockets.length;
    }

    /** The number of the socket that a flow is sent by. */
    int choose(int flowHash) {
        return (int) ((Integer.toUnsignedLong(flowHash * GOLDEN) * sockets.length) >>> Integer.SIZE);
    }

    UdpSocket socket(int number) {
        return sockets[number];
    }

    @Override
    public void close() {
        for (UdpSocket socket : sockets) {
            socket.close();
        }
    }
}
