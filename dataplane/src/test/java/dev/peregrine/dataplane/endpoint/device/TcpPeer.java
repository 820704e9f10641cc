package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A TCP connection between a socket in the namespace and a peer that is played frame by frame. */
final class TcpPeer implements AutoCloseable {
    private static final int SYN = 2;
    private static final int PSH = 8;
    private static final int ACK = 16;

    private final TapWorld world;
    private final PacketPool pool;
    private final Host peer;
    private final Host socket;
    private final ServerSocketChannel server;
    private final SocketChannel channel;
    private int sequence = 1_000;
    private int expected;

    /** Shakes hands. */
    TcpPeer(TapWorld world, PacketPool pool, Host peer, Host socket) throws LinuxException, IOException {
        this.world = world;
        this.pool = pool;
        this.peer = peer;
        this.socket = socket;
        server = world.inside(ServerSocketChannel::open);
        server.bind(new InetSocketAddress(socket.address(), socket.port()));
        accept(frame(SYN, new byte[0]));
        sequence++;
        EndpointContract.await(
                "SYN-ACK",
                () -> poll(packet -> {
                    expected = packet.getInt(packet.transportIndex() + 4) + 1;
                    assertEquals(SYN | ACK, packet.getByte(packet.transportIndex() + 13));
                }));
        accept(frame(ACK, new byte[0]));
        channel = server.accept();
        channel.configureBlocking(false);
    }

    private interface Reader {
        void read(Packet packet);
    }

    private byte[] frame(int flags, byte[] payload) {
        byte[] segment = Frames.tcpSegment(peer, socket, sequence, expected, flags, payload);
        return Frames.partial(peer, socket, Frames.TCP, segment);
    }

    private void accept(byte[] frame) {
        send(Packets.frame(pool, frame));
    }

    private void send(Packet packet) {
        Batch batch = new Batch();
        batch.add(packet.checksum(Checksum.PARTIAL));
        world.endpoint.accept(batch);
    }

    /** Polls once, and shows the packets of this connection; returns whether there was one. */
    private boolean poll(Reader reader) {
        Batch batch = new Batch();
        world.endpoint.poll(batch);
        boolean any = false;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            boolean ours = packet.protocol() == Frames.TCP && packet.getShort(packet.transportIndex()) == socket.port();
            if (ours) {
                reader.read(packet);
                any = true;
            }
        }
        batch.release();
        return any;
    }

    /** Sends a superframe of this segment size, and waits until the socket has read it. */
    byte[] deliver(byte[] payload, int segmentSize) {
        Packet packet = Packets.frame(pool, frame(ACK | PSH, payload));
        send(packet.cut(Dissector.payloadIndex(packet), segmentSize));
        sequence += payload.length;
        ByteBuffer buffer = ByteBuffer.allocate(payload.length);
        EndpointContract.await("the payload at the socket", () -> {
            poll(acknowledgment -> {});
            try {
                channel.read(buffer);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return !buffer.hasRemaining();
        });
        return buffer.array();
    }

    /** Makes the socket send, and receives all of it; notes how many segments each packet had. */
    byte[] receive(byte[] payload, List<Integer> segments) {
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        EndpointContract.await("the payload at the peer", () -> {
            try {
                channel.write(buffer);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            poll(packet -> take(packet, received, segments));
            return received.size() >= payload.length;
        });
        return received.toByteArray();
    }

    private void take(Packet packet, ByteArrayOutputStream received, List<Integer> segments) {
        int payload = Dissector.payloadIndex(packet);
        byte[] frame = Packets.bytes(packet);
        if (frame.length == payload || packet.getInt(packet.transportIndex() + 4) != expected) {
            return; // A bare acknowledgment, or sent again.
        }
        assertTrue(
                packet.checksum() == Checksum.PARTIAL || Frames.hasValidChecksums(frame),
                () -> "checksum " + packet.checksum());
        received.write(frame, payload, frame.length - payload);
        segments.add(packet.wirePackets());
        expected += frame.length - payload;
        accept(frame(ACK, new byte[0]));
    }

    @Override
    public void close() throws IOException {
        channel.close();
        server.close();
    }
}
