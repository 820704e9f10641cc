package dev.peregrine.gateway.live.traffic;

import dev.peregrine.testkit.FaultInjector;
import dev.peregrine.testkit.FaultInjector.Faults;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A bad network between two VTEPs: takes VXLAN datagrams on one address and sends them on from the other, with loss and
 * reordering. A program of its own, to be run in a namespace that has both addresses: {@code ADDRESS1 PEER1 ADDRESS2
 * PEER2 LOSS REORDERING SEED}. It tells what it did when it is ended.
 */
public final class FaultyRelay {
    private static final int PORT = 4789;
    private static final int QUEUE_BYTES = 4 << 20;
    private static final int DISTANCE = 8;
    private static final int QUIET_MILLIS = 2;

    private FaultyRelay() {}

    public static void main(String[] args) throws IOException {
        Faults faults = new Faults(Double.parseDouble(args[4]), 0, Double.parseDouble(args[5]), DISTANCE);
        long seed = Long.parseLong(args[6]);
        DatagramChannel one = open(args[0]);
        DatagramChannel two = open(args[2]);
        FaultInjector<ByteBuffer> there = new FaultInjector<>(faults, seed, data -> send(two, args[3], data));
        FaultInjector<ByteBuffer> back = new FaultInjector<>(faults, seed + 1, data -> send(one, args[1], data));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> System.out.println("lost " + (there.lost() + back.lost())
                        + " reordered " + (there.reordered() + back.reordered()))));
        try (Selector selector = Selector.open()) {
            one.register(selector, SelectionKey.OP_READ, there);
            two.register(selector, SelectionKey.OP_READ, back);
            System.out.println("relaying");
            while (selector.isOpen()) {
                int ready = selector.select(QUIET_MILLIS);
                receive(one, there);
                receive(two, back);
                selector.selectedKeys().clear();
                if (ready == 0) {
                    there.flush();
                    back.flush();
                }
            }
        }
    }

    private static DatagramChannel open(String address) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, QUEUE_BYTES);
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address), PORT));
        channel.configureBlocking(false);
        return channel;
    }

    private static void receive(DatagramChannel from, FaultInjector<ByteBuffer> path) throws IOException {
        for (int i = 0; i < 64; i++) {
            ByteBuffer datagram = ByteBuffer.allocate(2048);
            if (from.receive(datagram) == null) return;
            path.accept(datagram.flip());
        }
    }

    /** A datagram that does not fit the socket's buffer is lost, too. */
    private static void send(DatagramChannel by, String to, ByteBuffer datagram) {
        try {
            by.send(datagram.duplicate(), new InetSocketAddress(InetAddress.ofLiteral(to), PORT));
        } catch (IOException e) {
            System.out.println("not sent: " + e.getMessage());
        }
    }
}
