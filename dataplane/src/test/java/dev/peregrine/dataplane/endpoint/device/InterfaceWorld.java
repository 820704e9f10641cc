package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.nio.channels.DatagramChannel;
import java.util.EnumSet;
import java.util.concurrent.Callable;

/**
 * One end of a veth pair in a namespace, and a UDP socket behind the other end. Neighbours are static and there is no
 * IPv6, so that nothing comes but what a test provokes.
 */
final class InterfaceWorld extends DatagramWorld {
    static final Frames.Host OUTSIDE = TapWorld.OUTSIDE;
    static final Frames.Host INSIDE = TapWorld.INSIDE;

    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    final Namespace live = Live.tapNamespace();
    final PacketSocket socket;
    final InterfaceEndpoint endpoint;
    private final DatagramChannel channel;

    InterfaceWorld(PacketPool pool, DropCounters drops) throws LinuxException {
        this(pool, drops, RECEIVE_BUFFER_BYTES);
    }

    InterfaceWorld(PacketPool pool, DropCounters drops, int receiveBufferBytes) throws LinuxException {
        inside(TapWorld::disableIpv6);
        ip("link add p0 mtu 1450 type veth peer name eth0 mtu 1450 address 02:00:00:00:00:02");
        ip("address add 198.19.0.2/24 dev eth0");
        ip("link set eth0 up");
        ip("link set p0 up");
        ip("neigh add 198.19.0.1 lladdr 02:00:00:00:00:01 dev eth0");
        socket = PacketSocket.open(live.netNamespace(), "p0", receiveBufferBytes);
        endpoint = new InterfaceEndpoint(socket, EnumSet.allOf(TapOffload.class), pool, drops);
        channel = bind(inside(DatagramChannel::open));
    }

    void ip(String words) {
        live.ip(words);
    }

    /** Makes something, a socket for one, in the namespace. */
    <T> T inside(Callable<T> action) throws LinuxException {
        return live.inside(action);
    }

    @Override
    DatagramChannel channel() {
        return channel;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public boolean takeAway() {
        ip("link del p0");
        EndpointContract.await("the end of the interface", socket::isGone);
        return true;
    }

    @Override
    public void close() {
        closeChannel();
        endpoint.close();
        socket.close();
        live.close();
    }
}
