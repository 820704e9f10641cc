package dev.peregrine.gateway.live.port;

import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Some flows from container A to a socket in container B, numbered, without a pause, until it is closed. */
final class UdpFlows implements AutoCloseable {
    private static final int BYTES = 18;

    private final List<DatagramSocket> sockets = new ArrayList<>();
    private final DatagramSocket sink;
    private final Thread sender;
    private final Thread receiver;
    private volatile boolean isOver;
    private volatile long received;
    private volatile long overtaken;

    private UdpFlows(Lab lab, int flows) throws Exception {
        InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(Lab.INNER_B), UdpPair.PORT);
        for (int i = 0; i < flows; i++) {
            sockets.add(lab.cA().inside(() -> new DatagramSocket()));
        }
        sink = lab.cB().inside(() -> new DatagramSocket(UdpPair.PORT));
        sender = Thread.ofPlatform().unstarted(() -> send(to));
        receiver = Thread.ofPlatform().unstarted(this::receive);
    }

    static UdpFlows start(Lab lab, int flows) throws Exception {
        UdpFlows started = new UdpFlows(lab, flows);
        started.receiver.start();
        started.sender.start();
        return started;
    }

    /** Datagrams that came. */
    long received() {
        return received;
    }

    /** Of those that came, how many an earlier one of their flow came behind. */
    long overtaken() {
        return overtaken;
    }

    private void receive() {
        long[] last = new long[sockets.size()];
        DatagramPacket packet = new DatagramPacket(new byte[BYTES], BYTES);
        long count = 0;
        long late = 0;
        try {
            while (!isOver) {
                sink.receive(packet);
                ByteBuffer stamp = ByteBuffer.wrap(packet.getData());
                int flow = stamp.getInt();
                long number = stamp.getLong();
                late += number < last[flow] ? 1 : 0;
                last[flow] = Math.max(last[flow], number);
                received = ++count;
                overtaken = late;
            }
        } catch (IOException e) {
            isOver = isOver || sink.isClosed();
        }
    }

    private void send(InetSocketAddress to) {
        for (long number = 1; !isOver; number++) {
            for (int flow = 0; flow < sockets.size(); flow++) {
                DatagramSocket socket = sockets.get(flow);
                ByteBuffer stamp = ByteBuffer.allocate(BYTES).putInt(flow).putLong(number);
                try {
                    socket.send(new DatagramPacket(stamp.array(), BYTES, to));
                } catch (IOException e) {
                    isOver = isOver || socket.isClosed(); // a full queue: again
                }
            }
        }
    }

    @Override
    public void close() {
        isOver = true;
        sink.close();
        try {
            sender.join();
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sockets.forEach(DatagramSocket::close);
    }
}
