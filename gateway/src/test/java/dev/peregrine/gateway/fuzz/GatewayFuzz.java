package dev.peregrine.gateway.fuzz;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.Surroundings;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Two gateways that are equal but for what lies around their packets in memory. On any input none may fail, each packet
 * must be accounted for, every buffer come back, and both must give the same frames and datagrams.
 */
final class GatewayFuzz {
    private static final IpAddress LOCAL = new IpAddress(0, 0xffff_c612_0001L);
    private static final IpAddress REMOTE = new IpAddress(0, 0xffff_c612_0002L);
    private static final IpAddress STRANGER = new IpAddress(0, 0xffff_c612_0003L);
    private static final int VNI = 42;
    private static final int PORTS = 3;
    private static final int MTU = 1450;
    private static final int BUFFERS = 12;
    private static final int MAX_INPUT = 12_000;
    private static final int MAX_DATAGRAM = 4_000;
    private static final long SECOND = 1_000_000_000L;

    private final World zero = new World(0);
    private final World ones = new World(0xff);

    /** A gateway with a remote VTEP that keeps what it gets. */
    private static final class World implements MemoryNetwork.Host {
        final int surroundings;
        final MemoryNetwork network = new MemoryNetwork();
        final MemoryGateway gateway;
        final List<byte[]> sent = new ArrayList<>();

        World(int surroundings) {
            this.surroundings = surroundings;
            List<Segment> segments = List.of(new Segment(0, VNI, MTU, false), new Segment(1, VNI + 1, MTU, true));
            gateway = new MemoryGateway(
                    network,
                    LOCAL,
                    new GatewayShape(segments, List.of(0, 0, 1), BUFFERS, 1 << 12, 8, true, stage -> stage));
            network.connect(REMOTE, this);
            int tunnel = gateway.addVtep(REMOTE);
            gateway.flood(Map.of(0, List.of(tunnel), 1, List.of(tunnel)));
        }

        @Override
        public void receive(Datagram datagram) {
            sent.add(datagram.payload());
        }

        void begin() {
            gateway.fdb().flush(Fdb.ANY, Fdb.ANY, true);
            Surroundings.fill(gateway.pool(), surroundings);
        }

        void settle() {
            gateway.run();
            if (!gateway.faults().isEmpty())
                throw new AssertionError(gateway.faults().getFirst());
            long before = gateway.dropped(DropReason.UNDERLAY_RECEIVE_OVERFLOW)
                    + gateway.dropped(DropReason.UNDERLAY_TRUNCATED);
            long in = gateway.segmentsIn() + gateway.segmentsCopied() + gateway.segmentsAnswered();
            long out = gateway.segmentsOut() + gateway.segmentsConsumed() + gateway.dropped() - before;
            if (in != out) throw new AssertionError(in + " packets came or were made, " + out + " went");
            if (!gateway.isAtRest()) throw new AssertionError(gateway.pool().available() + " buffers are left at rest");
        }

        /** The frames and datagrams that came out since the last call. */
        List<byte[]> output() {
            List<byte[]> output = new ArrayList<>(sent);
            sent.clear();
            IntStream.range(0, PORTS)
                    .forEach(port -> output.addAll(gateway.endpoint(port).received()));
            return output;
        }
    }

    private void compare() {
        List<byte[]> first = zero.output();
        List<byte[]> second = ones.output();
        if (!Arrays.deepEquals(first.toArray(), second.toArray()))
            throw new AssertionError(
                    "read outside of a packet: " + first.size() + " and " + second.size() + " results");
    }

    /** One datagram from the configured VTEP. */
    void datagram(byte[] payload) {
        if (payload.length > MAX_INPUT) return;
        for (World world : List.of(zero, ones)) {
            world.begin();
            world.network.send(new Datagram(REMOTE, LOCAL, 50_000, payload.length & 3, 64, payload));
            world.settle();
        }
        compare();
    }

    /**
     * Steps, each of one byte that says what, two for a length n, and n bytes: datagrams from three senders, frames
     * and superframes from three ports, turns of the gateway, ageing.
     */
    void story(byte[] input) {
        if (input.length > MAX_INPUT) return;
        for (World world : List.of(zero, ones)) {
            world.begin();
            ByteBuffer story = ByteBuffer.wrap(input);
            while (story.remaining() >= 3) step(world, story);
            world.settle();
        }
        compare();
    }

    private static void step(World world, ByteBuffer story) {
        int what = story.get() & 0xff;
        int length = Math.min((story.getShort() & 0xffff) % MAX_DATAGRAM, story.remaining());
        byte[] bytes = new byte[length];
        story.get(bytes);
        MemoryGateway gateway = world.gateway;
        switch (what >>> 5) {
            case 0, 1, 2 -> receive(world, REMOTE, what, bytes);
            case 3 -> receive(world, (what & 1) == 0 ? STRANGER : LOCAL, what, bytes);
            case 4, 5 -> gateway.endpoint(what % PORTS).send(bytes);
            case 6 -> gateway.run();
            default -> {
                gateway.advance((what & 31L) * 20 * SECOND);
                gateway.fdb().age(gateway.nowNanos());
            }
        }
    }

    private static void receive(World world, IpAddress source, int what, byte[] bytes) {
        world.network.send(new Datagram(source, LOCAL, 50_000 + (what >>> 4 & 1), what & 3, 64, bytes));
    }
}
