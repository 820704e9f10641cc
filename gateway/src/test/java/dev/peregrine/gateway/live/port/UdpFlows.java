package dev.peregrine.gateway.live.port;

import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Many flows from container A to {@link UdpPair}'s socket in container B, without a pause, until it is closed. */
final class UdpFlows implements AutoCloseable {
    private static final int FLOWS = 64;

    private final List<DatagramSocket> sockets = new ArrayList<>();
    private final Thread sender;
    private volatile boolean isOver;

    private UdpFlows(Lab lab) throws Exception {
        InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(Lab.INNER_B), UdpPair.PORT);
        for (int i = 0; i < FLOWS; i++) {
            sockets.add(lab.cA().inside(() -> new DatagramSocket()));
        }
        sender = Thread.ofPlatform().unstarted(() -> send(to));
    }

    static UdpFlows start(Lab lab) throws Exception {
        UdpFlows flows = new UdpFlows(lab);
        flows.sender.start();
        return flows;
    }

    private void send(InetSocketAddress to) {
        DatagramPacket packet = new DatagramPacket(new byte[18], 18, to);
        while (!isOver) {
            for (DatagramSocket socket : sockets) {
                try {
                    socket.send(packet);
                } catch (IOException e) {
                    isOver = isOver || socket.isClosed(); // a full queue: again
                }
            }
        }
    }

    @Override
    public void close() {
        isOver = true;
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sockets.forEach(DatagramSocket::close);
    }
}
