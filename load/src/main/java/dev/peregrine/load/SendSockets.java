package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.MtuDiscovery;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Opens sockets that only send: each has a source port of its own, and drops whatever arrives. */
public final class SendSockets {
    private static final int BUFFER_BYTES = 8 << 20;

    private SendSockets() {}

    /**
     * Opens sockets for datagrams to {@code to}, with DF set.
     *
     * @param from the source address; null: as the route has it
     * @param tos the TOS or traffic class of all datagrams
     */
    public static UdpSocket[] open(int count, UdpAddress to, @Nullable InetAddress from, int tos)
            throws LinuxException {
        UdpSocket[] sockets = new UdpSocket[count];
        try {
            for (int i = 0; i < count; i++) {
                sockets[i] = UdpSocket.open(to.family());
                configure(sockets[i], from, tos);
            }
            return sockets;
        } catch (LinuxException failure) {
            for (UdpSocket socket : sockets) {
                if (socket != null) socket.close();
            }
            throw failure;
        }
    }

    private static void configure(UdpSocket socket, @Nullable InetAddress from, int tos) throws LinuxException {
        socket.dropAll();
        socket.sendBuffer(BUFFER_BYTES);
        socket.mtuDiscovery(MtuDiscovery.DO);
        if (tos != 0) socket.tos(tos);
        if (from != null) socket.bind(from, 0);
    }
}
