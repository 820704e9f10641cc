package dev.peregrine.gateway.live.traffic;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;

/**
 * Random and half-valid VXLAN datagrams to the gateway's UDP port. A program of its own, to be run on a host:
 * {@code FROM TO VNI COUNT SEED}. Prints how many it sent, at a pace that a receive buffer holds.
 */
public final class BadDatagrams {
    private static final int PORT = 4789;
    private static final int BURST = 50;
    private static final int MAX_BYTES = 1500;

    private final SplittableRandom random;
    private final int vni;
    private final ByteBuffer datagram = ByteBuffer.allocate(MAX_BYTES);

    private BadDatagrams(long seed, int vni) {
        random = new SplittableRandom(seed);
        this.vni = vni;
    }

    public static void main(String[] args) throws Exception {
        var from = new InetSocketAddress(InetAddress.ofLiteral(args[0]), 0);
        var to = new InetSocketAddress(InetAddress.ofLiteral(args[1]), PORT);
        int count = Integer.parseInt(args[3]);
        new BadDatagrams(Long.parseLong(args[4]), Integer.parseInt(args[2])).send(from, to, count);
        System.out.println("sent " + count);
    }

    private void send(InetSocketAddress from, InetSocketAddress to, int count)
            throws IOException, InterruptedException {
        try (DatagramChannel channel = DatagramChannel.open().bind(from)) {
            for (int i = 0; i < count; i++) {
                fill();
                channel.send(datagram, to);
                if (i % BURST == BURST - 1) Thread.sleep(1);
            }
        }
    }

    /** From wholly random to nearly right; what is cut short is cut anywhere. */
    private void fill() {
        datagram.clear();
        switch (random.nextInt(6)) {
            case 0 -> putRandom(random.nextInt(200));
            case 1 -> datagram.putLong(random.nextLong()); // a header of any flags, and nothing else
            case 2 -> {
                datagram.putInt(random.nextInt()).putInt(vni << 8 | random.nextInt(256));
                putRandom(random.nextInt(200));
            }
            case 3 -> {
                putHeader(random.nextBoolean() ? vni : random.nextInt(1 << 24));
                putRandom(random.nextInt(200));
            }
            default -> {
                putHeader(vni);
                putFrame();
            }
        }
        datagram.flip();
        if (random.nextInt(4) == 0) datagram.limit(random.nextInt(datagram.limit() + 1));
    }

    private void putHeader(int segment) {
        datagram.putInt(0x0800_0000).putInt(segment << 8);
    }

    private void putFrame() {
        putRandom(12);
        if (random.nextInt(4) == 0) datagram.putShort((short) 0x8100).putShort((short) random.nextInt());
        switch (random.nextInt(4)) {
            case 0 -> datagram.putShort((short) 0x0800).put((byte) (0x40 | random.nextInt(16)));
            case 1 -> datagram.putShort((short) 0x86dd).put((byte) (0x60 | random.nextInt(16)));
            case 2 -> datagram.putShort((short) 0x0806);
            default -> putIpv4();
        }
        putRandom(random.nextInt(1000));
    }

    /** A header of the right shape, whose lengths and protocol lie as they like. */
    private void putIpv4() {
        int[] protocols = {1, 2, 6, 17, 58, 255};
        datagram.putShort((short) 0x0800)
                .put((byte) (0x40 | random.nextInt(4, 16)))
                .put((byte) random.nextInt(256))
                .putShort((short) random.nextInt(1 << 16))
                .putInt(random.nextInt())
                .put((byte) random.nextInt(256))
                .put((byte) protocols[random.nextInt(protocols.length)]);
    }

    private void putRandom(int bytes) {
        for (int i = 0; i < bytes; i++) datagram.put((byte) random.nextInt(256));
    }
}
