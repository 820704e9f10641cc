package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.socket.SocketWorld;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** A device with a UDP socket as the workload behind it, whose datagrams have numbers. */
abstract class DatagramWorld implements EndpointContract.World {
    private final ByteBuffer buffer = ByteBuffer.allocate(70_000);

    /** The workload's socket, on the port of {@link TapWorld#INSIDE}; does not block. */
    abstract DatagramChannel channel();

    static DatagramChannel bind(DatagramChannel channel) {
        try {
            channel.bind(new InetSocketAddress(TapWorld.INSIDE.port())).configureBlocking(false);
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The datagram that waits at the socket, or null. */
    byte @Nullable [] datagram() {
        try {
            if (channel().receive(buffer.clear()) == null) {
                return null;
            }
            byte[] datagram = new byte[buffer.flip().remaining()];
            buffer.get(datagram);
            return datagram;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a datagram from the socket. */
    void send(Frames.Host to, byte[] datagram) {
        try {
            channel().send(ByteBuffer.wrap(datagram), new InetSocketAddress(to.address(), to.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] frame(int number) {
        return Frames.udp(TapWorld.OUTSIDE, TapWorld.INSIDE, SocketWorld.payload(number));
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
        send(TapWorld.OUTSIDE, SocketWorld.payload(number));
    }

    @Override
    public int number(byte[] frame) {
        boolean ours = Frames.protocol(frame) == Frames.UDP && Frames.udpPayload(frame).length == 18;
        return ours ? ByteBuffer.wrap(Frames.udpPayload(frame)).getInt() : -1;
    }

    void closeChannel() {
        try {
            channel().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
