package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.socket.SocketWorld;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One end of a veth pair in a namespace, and a UDP socket behind the other end. Neighbours are static and there is no
 * IPv6, so that nothing comes but what a test provokes.
 */
final class InterfaceWorld implements EndpointContract.World {
    static final Frames.Host OUTSIDE = TapWorld.OUTSIDE;
    static final Frames.Host INSIDE = TapWorld.INSIDE;

    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    final Namespace live = Live.tapNamespace();
    final PacketSocket socket;
    final InterfaceEndpoint endpoint;
    private final DatagramChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(70_000);

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
        channel = inside(DatagramChannel::open);
        try {
            channel.bind(new InetSocketAddress(INSIDE.port())).configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void ip(String words) {
        live.ip(words);
    }

    /** Makes something, a socket for one, in the namespace. */
    <T> T inside(Callable<T> action) throws LinuxException {
        return live.inside(action);
    }

    /** The datagram that waits at the socket, or null. */
    byte @Nullable [] datagram() {
        try {
            if (channel.receive(buffer.clear()) == null) {
                return null;
            }
            byte[] datagram = new byte[buffer.flip().remaining()];
            buffer.get(datagram);
            return datagram;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public byte[] frame(int number) {
        return Frames.udp(OUTSIDE, INSIDE, SocketWorld.payload(number));
    }

    @Override
    public int received() {
        byte[] datagram = datagram();
        return datagram == null || datagram.length < 4
                ? -1
                : ByteBuffer.wrap(datagram).getInt();
    }

    @Override
    public void send(int number) {
        try {
            channel.send(
                    ByteBuffer.wrap(SocketWorld.payload(number)),
                    new InetSocketAddress(OUTSIDE.address(), OUTSIDE.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int number(byte[] frame) {
        boolean ours = Frames.protocol(frame) == Frames.UDP && Frames.udpPayload(frame).length == 18;
        return ours ? ByteBuffer.wrap(Frames.udpPayload(frame)).getInt() : -1;
    }

    @Override
    public boolean takeAway() {
        ip("link del p0");
        EndpointContract.await("the end of the interface", socket::isGone);
        return true;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        endpoint.close();
        socket.close();
        live.close();
    }
}
