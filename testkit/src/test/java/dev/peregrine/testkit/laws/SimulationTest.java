package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.Pcap;
import dev.peregrine.testkit.SimNet;
import dev.peregrine.testkit.SimNet.Faults;
import dev.peregrine.testkit.laws.World.Site;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Several gateways in a simulated world: their turns interleaved by chance, in a network that loses, doubles, delays.
 */
class SimulationTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final int STEPS = 60;
    private static final int NUMBER = Integer.BYTES;

    /** A world that a simulation runs. */
    private static World world(Gen gen, SimNet net, int gateways, int vnis) {
        World world = new World(gen, net.network(), gateways, vnis, 2 + gen.below(3), 100, 1000);
        world.gateways.forEach(net::add);
        return world;
    }

    private static Faults anyFaults(Gen gen) {
        return new Faults(gen.below(30), gen.below(20), gen.below(30), 1 + gen.below(5) * MILLI);
    }

    /** A datagram that ends in its sender's VNI and a number. */
    private static byte[] numbered(Gen gen, long destination, Site from, int number) {
        byte[] payload = gen.bytes(2 * NUMBER + gen.below(1000));
        ByteBuffer.wrap(payload)
                .putInt(payload.length - 2 * NUMBER, from.vni())
                .putInt(payload.length - NUMBER, number);
        return FrameBuilder.udp4()
                .macs(destination, from.mac())
                .payload(payload)
                .build();
    }

    private static int number(byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(frame.length - NUMBER);
    }

    private static int vni(byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(frame.length - 2 * NUMBER);
    }

    @SeededTest
    void whateverTheNetworkDoesEveryPacketIsAccountedForAndNoneChangesItsVni() {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 2 + gen.below(3), 1 + gen.below(3))) {
            net.verify("faults", () -> {
                for (int step = 0; step < STEPS; step++) {
                    disturb(gen, net, world);
                    for (int i = gen.below(20); i >= 0; i--) {
                        Site from = world.anySite();
                        long to = gen.oneIn(3)
                                ? EthernetHeader.BROADCAST
                                : world.anySite().mac();
                        from.workload().send(numbered(gen, to, from, i));
                    }
                    net.run(gen.below(3) * MILLI);
                }
                net.settle();
                world.assertConservation("end");
                assertEquals(net.sent() + net.doubled(), net.lost() + net.delivered());
                for (Site site : world.sites) {
                    for (byte[] frame : site.workload().received()) {
                        assertEquals(site.vni(), vni(frame));
                    }
                }
            });
        }
    }

    private static void disturb(Gen gen, SimNet net, World world) {
        switch (gen.below(8)) {
            case 0 -> net.faults(anyFaults(gen));
            case 1 -> net.faults(Faults.NONE);
            case 2 -> net.mtu(600 + gen.below(1200));
            case 3 -> net.cut(World.address(gen.below(world.gateways.size())), World.address(0));
            case 4 -> net.heal();
            case 5 -> {
                MemoryGateway gateway = world.gateways.get(gen.below(world.gateways.size()));
                net.after(gen.below(5) * MILLI, () -> gateway.fdb().age(gateway.nowNanos()));
            }
            default -> {
                // a quiet moment
            }
        }
    }

    @SeededTest
    void inANetworkWithoutFaultsEachFlowArrivesCompleteAndInOrder() {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 3, 1)) {
            net.verify("order", () -> {
                Map<Site, Integer> next = new HashMap<>();
                for (int step = 0; step < STEPS; step++) {
                    Site from = world.anySite();
                    int number = next.merge(from, 1, Integer::sum);
                    from.workload().send(numbered(gen, EthernetHeader.BROADCAST, from, number));
                    if (gen.oneIn(3)) {
                        net.run(gen.below(100) * 1_000L);
                    }
                }
                net.settle();
                for (Site site : world.sites) {
                    Map<Long, Integer> seen = new HashMap<>();
                    for (byte[] frame : site.workload().received()) {
                        long source = ByteBuffer.wrap(frame).getLong(6) >>> 16;
                        assertEquals(seen.merge(source, 1, Integer::sum), number(frame), "flow " + source);
                    }
                    for (Site other : world.sites) {
                        int sent = other.equals(site) ? 0 : next.getOrDefault(other, 0);
                        assertEquals(sent, seen.getOrDefault(other.mac(), 0));
                    }
                }
            });
        }
    }

    @Test
    void theSameSeedMakesTheSameWorld() {
        Seed seed = Seed.ofThisRun();
        List<Pcap.Frame> first = live(new Gen(seed));
        List<Pcap.Frame> second = live(new Gen(seed));
        assertTrue(first.size() > 100, () -> first.size() + " datagrams");
        assertEquals(first.size(), second.size(), seed::toString);
        for (int i = 0; i < first.size(); i++) {
            assertEquals(first.get(i).nanos(), second.get(i).nanos(), seed + ", datagram " + i);
            assertArrayEquals(first.get(i).bytes(), second.get(i).bytes(), seed + ", datagram " + i);
        }
        List<Pcap.Frame> other = live(new Gen(new Seed(seed.value() + 1)));
        assertNotEquals(
                first.stream().map(Pcap.Frame::nanos).toList(),
                other.stream().map(Pcap.Frame::nanos).toList());
    }

    private static List<Pcap.Frame> live(Gen gen) {
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 3, 2)) {
            net.faults(new Faults(10, 10, 20, MILLI));
            for (int i = 0; i < 200; i++) {
                Site from = world.anySite();
                from.workload().send(numbered(gen, world.anySite().mac(), from, i));
                net.run(gen.below(200) * 1_000L);
            }
            net.settle();
            return new ArrayList<>(net.seen());
        }
    }

    @Test
    void nothingCrossesACutAndAllDoesOnceItHeals() {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 2, 1)) {
            Site from = world.sites.getFirst();
            Site to = world.sites.getLast();
            net.cut(World.address(0), World.address(1));
            from.workload().send(numbered(gen, EthernetHeader.BROADCAST, from, 1));
            net.settle();
            assertEquals(List.of(), to.workload().received(), gen::toString);
            assertEquals(net.sent(), net.lost(), gen::toString);
            net.heal();
            from.workload().send(numbered(gen, EthernetHeader.BROADCAST, from, 2));
            net.settle();
            assertEquals(2, number(to.workload().received().getFirst()), gen::toString);
        }
    }

    @Test
    void datagramsLongerThanTheNetworksMtuAreLostAndShorterOnesAreNot() {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 2, 1)) {
            Site from = world.sites.getFirst();
            byte[] frame = FrameBuilder.udp4()
                    .macs(EthernetHeader.BROADCAST, from.mac())
                    .payload(500)
                    .build();
            int outer = 20 + 8 + 8;
            net.mtu(frame.length + outer - 1);
            from.workload().send(frame);
            net.settle();
            assertEquals(List.of(), world.sites.getLast().workload().received());
            net.mtu(frame.length + outer);
            from.workload().send(frame);
            net.settle();
            assertEquals(1, world.sites.getLast().workload().received().size());
        }
    }

    @Test
    void entriesAgeInVirtualTime() {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        try (World world = world(gen, net, 2, 1)) {
            Site from = world.sites.getFirst();
            MemoryGateway far = world.gateways.getLast();
            from.workload().send(numbered(gen, EthernetHeader.BROADCAST, from, 1));
            net.settle();
            assertEquals(1, entries(far), gen::toString);
            net.run(299 * SECOND);
            far.fdb().age(far.nowNanos());
            assertEquals(1, entries(far), gen::toString);
            net.run(2 * SECOND);
            far.fdb().age(far.nowNanos());
            assertEquals(0, entries(far), gen::toString);
        }
    }

    private static int entries(MemoryGateway gateway) {
        int[] count = {0};
        gateway.fdb().forEach((segment, mac, port, isStatic, seen) -> count[0]++);
        return count[0];
    }

    @Test
    void aFailedCheckNamesItsSeedAndLeavesACapture() throws IOException {
        Gen gen = Gen.ofThisRun();
        SimNet net = new SimNet(gen);
        Path file = Path.of("target", "sim", "failed-check.pcap");
        Files.deleteIfExists(file);
        try (World world = world(gen, net, 2, 1)) {
            Site from = world.sites.getFirst();
            from.workload().send(numbered(gen, EthernetHeader.BROADCAST, from, 7));
            net.settle();
            AssertionError failure =
                    assertThrows(AssertionError.class, () -> net.verify("failed-check", () -> fail("as it should")));
            String message = String.valueOf(failure.getMessage());
            assertTrue(message.contains(gen.toString()) && message.contains(file.toString()), message);
            List<Pcap.Frame> frames = Pcap.read(file);
            assertEquals(net.sent(), frames.size());
            byte[] payload = Pcap.datagram(frames.getFirst().bytes()).payload();
            assertEquals(7, number(payload));
        }
    }
}
