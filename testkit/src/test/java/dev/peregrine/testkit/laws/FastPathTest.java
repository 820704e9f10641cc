package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.laws.World.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;

/** Law 4: fast path = slow path, in bytes and counters. */
class FastPathTest {
    private static final int STEPS = 60;
    private static final int FLOWS = 12;

    private final PacketPool pool = new PacketPool(1, 1);
    private static long hits;
    private static long compared;

    @RepeatedTest(20)
    void theFastPathGivesTheBytesAndCountersOfTheChain() {
        Seed seed = Seed.ofThisRun();
        live(seed, 0);
    }

    @AfterAll
    static void theWorldsMeantSomething() {
        assertTrue(hits > 20_000, () -> "only " + hits + " hits");
        assertTrue(compared > 5_000, () -> "only " + compared + " packets compared");
    }

    @RepeatedTest(10)
    void theShadowModeFindsNoDifference() {
        Seed seed = Seed.ofThisRun();
        live(seed, 1);
    }

    /** Lives the same life twice, once with the fast path off, and compares after each step. */
    private void live(Seed seed, int shadow) {
        Gen onGen = new Gen(seed);
        Gen offGen = new Gen(seed);
        try (World on = world(onGen);
                World off = world(offGen)) {
            on.gateways.forEach(gateway -> gateway.fastPathSwitch().shadow(shadow));
            off.gateways.forEach(gateway -> gateway.fastPathSwitch().turn(false));
            List<Flow> onFlows = flows(on);
            List<Flow> offFlows = flows(off);
            for (int step = 0; step < STEPS; step++) {
                act(on, onFlows);
                act(off, offFlows);
                on.run();
                off.run();
                compare(on, off, seed + ", step " + step);
            }
            for (MemoryGateway gateway : on.gateways) {
                assertEquals(List.of(), gateway.mismatches(), seed::toString);
                assertEquals(0, gateway.fastPath().counters().mismatches(), seed::toString);
                hits += gateway.fastPath().counters().hits();
                compared += gateway.fastPath().counters().compared();
            }
        }
    }

    private static World world(Gen gen) {
        return new World(gen, 1 + gen.below(3), 1 + gen.below(3), 2 + gen.below(4), 2000, 1 << 16, 1 << gen.below(10));
    }

    private record Flow(Site from, FrameBuilder builder) {}

    private static List<Flow> flows(World world) {
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Site from = world.anySite();
            flows.add(new Flow(from, world.gen.transport(world.anySite().mac(), from.mac())));
        }
        return flows;
    }

    private static void act(World world, List<Flow> flows) {
        Gen gen = world.gen;
        for (int i = gen.below(4); i > 0; i--) {
            ConservationTest.act(world);
        }
        for (int i = gen.below(60); i >= 0; i--) {
            Flow flow = flows.get(gen.below(flows.size()));
            for (int k = gen.below(6); k >= 0; k--) {
                send(world, flow);
            }
        }
    }

    private static void send(World world, Flow flow) {
        Gen gen = world.gen;
        FrameBuilder builder = flow.builder();
        if (gen.oneIn(10)) {
            builder.tos(gen.below(256)).ttl(gen.below(256));
        }
        builder.flags(gen.oneIn(20) ? gen.below(64) : 0x10);
        builder.payload(gen.below(gen.oneIn(30) ? 2 * World.MTU : 200));
        byte[] frame = builder.build();
        if (gen.oneIn(4)) {
            int target = gen.below(world.gateways.size());
            int source = gen.below(world.gateways.size());
            world.network.send(new Datagram(
                    World.address(source),
                    World.address(target),
                    50_000,
                    gen.below(4),
                    64,
                    World.vxlan(World.FIRST_VNI + gen.below(3), frame)));
        } else if (gen.oneIn(10)) {
            byte[] large = builder.flags(0x10).payload(1 + gen.below(20_000)).build();
            flow.from().workload().sendSuperframe(large, 50 + gen.below(World.MTU));
        } else {
            flow.from().workload().send(frame);
        }
    }

    private void compare(World on, World off, String where) {
        on.assertConservation(where);
        off.assertConservation(where);
        for (int i = 0; i < on.sites.size(); i++) {
            Map<Integer, List<String>> expected = received(off.sites.get(i));
            Map<Integer, List<String>> actual = received(on.sites.get(i));
            assertEquals(expected.keySet(), actual.keySet(), where + ", site " + i);
            for (Map.Entry<Integer, List<String>> flow : expected.entrySet()) {
                assertLinesMatch(flow.getValue(), actual.get(flow.getKey()), where + ", site " + i);
            }
        }
        for (int g = 0; g < on.gateways.size(); g++) {
            assertLinesMatch(counts(off.gateways.get(g)), counts(on.gateways.get(g)), where + ", gateway " + g);
        }
    }

    /** What a workload received: the frames of each flow in order. */
    private Map<Integer, List<String>> received(Site site) {
        Map<Integer, List<String>> flows = new TreeMap<>();
        for (byte[] frame : site.workload().received()) {
            var packet = Packets.frame(pool, frame);
            flows.computeIfAbsent(packet.flowHash(), hash -> new ArrayList<>())
                    .add(Arrays.hashCode(frame) + " of " + frame.length + ": "
                            + HexFormat.of().formatHex(frame, 0, Math.min(frame.length, 40)));
            pool.release(packet);
        }
        return flows;
    }

    /** All that a user can see, in wire packets; how they were merged may differ with the order of flows. */
    private static List<String> counts(MemoryGateway gateway) {
        List<String> counts = new ArrayList<>();
        gateway.graph().nodes().forEach((address, node) -> {
            Counters counters = node.counters();
            counts.add(address + " " + counters.segments() + " " + counters.drops() + " " + counters.copies());
        });
        for (int port = 0; port < gateway.ports(); port++) {
            counts.add("port " + port + " " + gateway.port(port).rxPackets() + " "
                    + gateway.port(port).rxBytes() + " " + gateway.port(port).txPackets() + " "
                    + gateway.port(port).txBytes());
        }
        for (DropReason reason : DropReason.values()) {
            counts.add(reason + " " + gateway.drops().count(reason));
        }
        counts.add("sent " + gateway.underlay().sentDatagrams());
        List<String> entries = new ArrayList<>();
        gateway.fdb()
                .forEach((segment, mac, port, isStatic, seen) ->
                        entries.add("fdb " + segment + " " + mac + " " + port + " " + isStatic + " " + seen));
        entries.sort(null);
        counts.addAll(entries);
        return counts;
    }
}
