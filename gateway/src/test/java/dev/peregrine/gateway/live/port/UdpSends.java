package dev.peregrine.gateway.live.port;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** One flow from container A to container B, some numbered datagrams by each call ({@code UDP_SEGMENT}). */
final class UdpSends implements AutoCloseable {
    /** By each call. */
    static final int DATAGRAMS = 10;

    private static final int BYTES = 100;
    private static final int PATIENCE_MILLIS = 3_000;

    private final UdpSocket socket;
    private final SendVector message = new SendVector(1, 1);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(DATAGRAMS * BYTES);
    private final DatagramSocket sink;
    private int sent;

    private UdpSends(UdpSocket socket, DatagramSocket sink) {
        this.socket = socket;
        this.sink = sink;
    }

    static UdpSends open(Lab lab) throws Exception {
        UdpAddress to = UdpAddress.of(InetAddress.getByName(Lab.INNER_B), UdpPair.PORT);
        UdpSends sends = new UdpSends(
                lab.cA().inside(() -> UdpSocket.open(to.family())),
                lab.cB().inside(() -> new DatagramSocket(UdpPair.PORT)));
        sends.sink.setSoTimeout(PATIENCE_MILLIS);
        sends.message.begin(0, to);
        sends.message.append(0, sends.memory.address(), DATAGRAMS * BYTES);
        sends.message.control(0, -1, -1, BYTES);
        return sends;
    }

    /** Datagrams so far. */
    int sent() {
        return sent;
    }

    /** Sends once; returns how many datagrams came, each behind those before it. */
    int arriveInOrder() {
        int first = sent;
        for (int i = 0; i < DATAGRAMS; i++) {
            memory.set(ValueLayout.JAVA_INT, (long) i * BYTES, sent++);
        }
        if (message.send(socket, 0, 1) != 1) {
            throw new AssertionError("the kernel refused the send");
        }
        DatagramPacket packet = new DatagramPacket(new byte[BYTES], BYTES);
        for (int i = 0; i < DATAGRAMS; i++) {
            try {
                sink.receive(packet);
            } catch (SocketTimeoutException e) {
                return i;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            int number = Integer.reverseBytes(ByteBuffer.wrap(packet.getData()).getInt());
            if (packet.getLength() != BYTES || number != first + i) {
                return i;
            }
        }
        return DATAGRAMS;
    }

    @Override
    public void close() {
        socket.close();
        sink.close();
        message.close();
        arena.close();
    }
}
