package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Offloads change bursts, never bytes: what is merged and cut again is what was received. */
class OffloadLawTest {
    private static final int ROUNDS = Seed.rounds(3_000);

    private final Tunnel tunnel = Tunnel.merging();

    @AfterEach
    void close() {
        tunnel.close();
    }

    @Test
    void mergingAndCuttingGivesBackTheSameSegments() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        int merged = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> in = randomAggregate(random);
            List<byte[]> out = new ArrayList<>();
            for (Packet packet : tunnel.receive(in)) {
                merged += packet.wirePackets() - 1;
                out.addAll(tunnel.segment(packet));
            }
            assertEquals(in.size(), out.size(), seed::toString);
            for (int i = 0; i < in.size(); i++) {
                assertArrayEquals(comparable(in.get(i)), comparable(out.get(i)), "segment " + i + ", " + seed);
            }
        }
        int least = ROUNDS;
        assertTrue(merged > least, "too few merged to show anything: " + merged + ", " + seed);
    }

    @Test
    void neverMakesAWrongChecksumRight() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> in = randomAggregate(random);
            byte[] victim = in.get(random.nextInt(in.size()));
            victim[Tunnel.PREFIX_LENGTH + 14 + random.nextInt(victim.length - Tunnel.PREFIX_LENGTH - 14)] ^=
                    (byte) (1 << random.nextInt(8));
            int wrong = 0;
            for (byte[] datagram : in) {
                wrong += isWrong(datagram) ? 1 : 0;
            }
            int wrongAfter = 0;
            for (Packet packet : tunnel.receive(in)) {
                for (byte[] frame : tunnel.segment(packet)) {
                    wrongAfter += isWrong(frame) ? 1 : 0;
                }
            }
            assertEquals(wrong, wrongAfter, seed::toString);
        }
    }

    @Test
    void takesAnyBytesAndLosesNoSegment() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> in = random.nextBoolean() ? garbage(random) : randomAggregate(random);
            for (byte[] datagram : in) {
                for (int flips = random.nextInt(4); flips > 0; flips--) {
                    if (datagram.length > 0) {
                        datagram[random.nextInt(datagram.length)] = (byte) random.nextInt();
                    }
                }
            }
            int expected = in.size();
            long before = tunnel.counters.segments();
            long droppedBefore = tunnel.drops.total();
            int segments = 0;
            int bytes = 0;
            for (Packet packet : tunnel.receive(in)) {
                segments += packet.wirePackets();
                bytes += packet.wireBytes();
                assertTrue(packet.flowHash() != 0, seed::toString);
            }
            long dropped = tunnel.drops.total() - droppedBefore;
            assertEquals(segments + dropped, tunnel.counters.segments() - before, seed::toString);
            if (dropped > 0) {
                assertEquals(0, segments, () -> "a message is dropped whole, " + seed);
            } else if (!isOneFrame(in)) {
                assertEquals(expected, segments, seed::toString);
                assertEquals(in.stream().mapToInt(d -> d.length).sum(), bytes, seed::toString);
            }
        }
    }

    /** Segments of a few flows in one buffer, mostly in order, with the changes that a network makes now and then. */
    private static List<byte[]> randomAggregate(SplittableRandom random) {
        int count = 1 + random.nextInt(20);
        int size = 1 + random.nextInt(1_400);
        int kind = random.nextInt(4);
        int flows = 1 + random.nextInt(2);
        int[] positions = new int[flows];
        boolean dontFragment = random.nextBoolean();
        int step = dontFragment ? random.nextInt(2) : 1;
        int firstId = random.nextInt(65_536);
        int firstSequence = random.nextInt();
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int flow = random.nextInt(10) == 0 ? random.nextInt(flows) : 0;
            byte[] payload = new byte[i == count - 1 ? 1 + random.nextInt(size) : size];
            random.nextBytes(payload);
            FrameBuilder frame = kind(kind)
                    .ports(1_000 + flow, 80)
                    .id(firstId + positions[flow] * step)
                    .sequence(firstSequence + positions[flow] * size)
                    .payload(payload);
            positions[flow]++;
            if (dontFragment) {
                frame.dontFragment();
            }
            vary(frame, random);
            datagrams.add(frame.build(Tunnel.PREFIX));
        }
        return datagrams;
    }

    private static FrameBuilder kind(int kind) {
        return switch (kind) {
            case 0 -> FrameBuilder.tcp4();
            case 1 -> FrameBuilder.tcp6();
            case 2 -> FrameBuilder.udp4();
            default -> FrameBuilder.udp6();
        };
    }

    private static void vary(FrameBuilder frame, SplittableRandom random) {
        switch (random.nextInt(60)) {
            case 0 -> frame.tos(3);
            case 1 -> frame.flags(random.nextInt(256));
            case 2 -> frame.window(random.nextInt(65_536));
            case 3 -> frame.acknowledgment(9);
            case 4 -> frame.zeroChecksum();
            case 5 -> frame.wrongChecksum();
            case 6 -> frame.wrongIpChecksum();
            case 7 -> frame.ttl(1);
            case 8, 9 -> frame.flags(0x18);
            default -> {}
        }
    }

    private static List<byte[]> garbage(SplittableRandom random) {
        int length = random.nextInt(120);
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            datagrams.add(bytes);
        }
        return length == 0 ? datagrams.subList(0, 1) : datagrams;
    }

    /** Whether the datagrams look like one frame in pieces, which is cut to other segments than it came in. */
    private boolean isOneFrame(List<byte[]> datagrams) {
        Packet packet = Packets.of(tunnel.pool, Packets.concatenate(datagrams));
        Dissector.dissect(packet, Tunnel.PREFIX_LENGTH);
        boolean one = datagrams.size() > 1 && Dissector.ipEnd(packet) == packet.length();
        tunnel.pool.release(packet);
        return one;
    }

    private boolean isWrong(byte[] datagram) {
        Packet packet = Packets.of(tunnel.pool, datagram);
        Dissector.dissect(packet, Tunnel.PREFIX_LENGTH);
        int ip = Tunnel.PREFIX_LENGTH + 14;
        boolean ipv4Wrong = Dissector.isIpv4(packet)
                && Reference.sum(datagram, ip, ip + 20, 0) != 0xffff
                && (datagram[ip] & 0xf) == 5;
        boolean wrong =
                ipv4Wrong || (!TransportChecksum.verify(packet) && !TransportChecksum.isPseudoHeaderOnly(packet));
        tunnel.pool.release(packet);
        return wrong;
    }

    /**
     * The bytes that must be equal: all bytes, but for identification and header checksum of datagrams with
     * don't-fragment.
     */
    private byte[] comparable(byte[] datagram) {
        byte[] bytes = datagram.clone();
        Packet packet = Packets.of(tunnel.pool, bytes);
        Dissector.dissect(packet, Tunnel.PREFIX_LENGTH);
        if (TransportChecksum.isPseudoHeaderOnly(packet)) {
            TransportChecksum.complete(packet);
            bytes = Packets.bytes(packet);
        }
        tunnel.pool.release(packet);
        return Tunnel.comparable(bytes);
    }
}
