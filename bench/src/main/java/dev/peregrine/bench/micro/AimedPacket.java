package dev.peregrine.bench.micro;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.match.Match;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A packet between hosts that rules are about, half of the time, and their neighbours. */
record AimedPacket(int protocol, int source, int destination, int sourcePort, int destinationPort) {
    private static final int TRAFFIC_PORT = 5000;
    private static final int FRAME = 60;
    private static final int NETWORK = 10 << 24;

    /** A number of packets, the same for the same rules and seed. */
    static List<AimedPacket> at(List<Rule> rules, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> hosts = hosts(rules);
        List<AimedPacket> packets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int protocol = random.nextInt(3) == 0 ? IpProtocol.UDP : IpProtocol.TCP;
            int source = random.nextBoolean() ? hosts.get(random.nextInt(hosts.size())) : host(random);
            int destination = random.nextBoolean() ? hosts.get(random.nextInt(hosts.size())) : host(random);
            int port = random.nextBoolean() ? TRAFFIC_PORT : random.nextInt(10_000);
            packets.add(new AimedPacket(protocol, source, destination, 40_000 + random.nextInt(10_000), port));
        }
        return packets;
    }

    private static List<Integer> hosts(List<Rule> rules) {
        List<Integer> hosts = new ArrayList<>(List.of(NETWORK | 1));
        for (Rule rule : rules) {
            Match match = rule.match();
            if (match.destination() != null) {
                hosts.add((int) (match.destination().networks().getFirst().high() >>> Integer.SIZE));
            }
        }
        return hosts;
    }

    private static int host(SplittableRandom random) {
        return NETWORK | random.nextInt(1 << 19);
    }

    /** The source address in network byte order. */
    byte[] sourceBytes() {
        return ByteBuffer.allocate(Integer.BYTES).putInt(source).array();
    }

    /** The destination address in network byte order. */
    byte[] destinationBytes() {
        return ByteBuffer.allocate(Integer.BYTES).putInt(destination).array();
    }

    /** An Ethernet frame of 60 bytes with it; TCP is a SYN. */
    byte[] frame() {
        int datagram = FRAME - 14;
        ByteBuffer frame = ByteBuffer.allocate(FRAME).put(new byte[] {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1});
        frame.putShort((short) 0x0800).putShort((short) 0x4500).putShort((short) datagram);
        frame.putInt(0)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(source)
                .putInt(destination);
        frame.putShort((short) sourcePort).putShort((short) destinationPort);
        if (protocol == IpProtocol.TCP) {
            frame.putLong(1L << 32).putShort((short) 0x5002);
        } else {
            frame.putShort((short) (datagram - 20));
        }
        return frame.array();
    }
}
