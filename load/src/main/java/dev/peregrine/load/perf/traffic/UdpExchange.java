package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Requests over a connected UDP socket; responses that take longer than half a second count as lost. */
public final class UdpExchange implements Exchange {
    private static final int TIMEOUT_MILLIS = 500;

    private final DatagramChannel channel;
    private final DatagramSocket socket;
    private final DatagramPacket packet;

    /** Opens a socket to the server, for requests of {@code length} bytes. */
    public UdpExchange(InetSocketAddress server, int length) throws IOException {
        channel = DatagramChannel.open();
        channel.connect(server);
        socket = channel.socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        packet = new DatagramPacket(new byte[length], length);
    }

    @Override
    public void send(ByteBuffer request) throws IOException {
        try {
            channel.write(request);
        } catch (PortUnreachableException unreachable) {
            // An answer to an earlier request; this one is lost too, as its receiver will find.
        }
    }

    @Override
    public boolean receive(ByteBuffer response) throws IOException {
        try {
            packet.setLength(packet.getData().length);
            socket.receive(packet);
        } catch (SocketTimeoutException | PortUnreachableException none) {
            return false;
        }
        response.clear().put(packet.getData(), 0, packet.getLength()).flip();
        return true;
    }

    @Override
    public boolean isReliable() {
        return false;
    }

    @Override
    public void finish() {
        // The timeout ends receiving.
    }

    @Override
    public void close() {
        Connections.close(channel);
    }
}
