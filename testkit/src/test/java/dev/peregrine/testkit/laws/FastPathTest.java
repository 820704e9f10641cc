package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
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
import org.junit.jupiter.api.Tag;

/** Law 4: fast path = slow path, in bytes and counters. */
@Tag("slow")
class FastPathTest {
    private static final int STEPS = 60;
    private static final int FLOWS = 12;
    private static final int PEERS = 2;

    private final PacketPool pool = new PacketPool(1, 1);
    private static long hits;
    private static long policyHits;
    private static long switchedHits;
    private static long compared;

    @RepeatedTest(20)
    void theFastPathGivesTheBytesAndCountersOfTheChain() {
        Seed seed = Seed.ofThisRun();
        hits += live(seed, false, false);
    }

    @RepeatedTest(40)
    void theSameUnderPolicy() {
        Seed seed = Seed.ofThisRun();
        policyHits += live(seed, true, false);
    }

    @RepeatedTest(10)
    void turningItOffAndOnLosesAndChangesNothing() {
        Seed seed = Seed.ofThisRun();
        switchedHits += live(seed, true, true);
    }

    @AfterAll
    static void theWorldsMeantSomething() {
        assertTrue(hits > 20_000, () -> "only " + hits + " hits");
        assertTrue(policyHits > 20_000, () -> "only " + policyHits + " hits under policy");
        assertTrue(switchedHits > 2_000, () -> "only " + switchedHits + " hits between off and on");
        assertTrue(compared > 5_000, () -> "only " + compared + " packets compared");
    }

    @RepeatedTest(10)
    void theShadowModeFindsNoDifference() {
        Seed seed = Seed.ofThisRun();
        shadow(seed);
    }

    @RepeatedTest(10)
    void norUnderPolicy() {
        Seed seed = Seed.ofThisRun();
        shadow(seed, true);
    }

    /**
     * Lives the same life twice, once with the fast path off, and compares after each step. With one gateway: what
     * several send each other comes in another order of flows, and so do learned addresses. Under run-to-completion:
     * where packets wait within the gateway, who comes first to an address, a state or a limit depends on who waits;
     * see {@link ScheduleLawTest} and the comparisons of the shadow mode.
     */
    private long live(Seed seed, boolean policed, boolean switched) {
        try (World on = world(new Gen(seed), 1).onlyToCompletion();
                World off = world(new Gen(seed), 1).onlyToCompletion()) {
            off.gateways.getFirst().fastPathSwitch().turn(false);
            Map<Integer, List<String>> onSent = peers(on);
            Map<Integer, List<String>> offSent = peers(off);
            List<Flow> onFlows = flows(on);
            List<Flow> offFlows = flows(off);
            for (int step = 0; step < STEPS; step++) {
                if (policed) {
                    RandomPolicy.publish(on);
                    RandomPolicy.publish(off);
                }
                on.gateways.getFirst().fastPathSwitch().turn(!switched || step % 3 != 0);
                act(on, onFlows);
                act(off, offFlows);
                on.run();
                off.run();
                compare(on, off, seed + ", step " + step);
                compare(offSent, onSent, seed + ", step " + step + ", sent");
                onSent.clear();
                offSent.clear();
            }
            return on.gateways.getFirst().fastPath().counters().hits();
        }
    }

    /** Several gateways that send each other what they do, and compare each hit with the chain. */
    private static void shadow(Seed seed) {
        shadow(seed, false);
    }

    private static void shadow(Seed seed, boolean policed) {
        Gen gen = new Gen(seed);
        try (World world = world(gen, 1 + gen.below(3))) {
            world.gateways.forEach(gateway -> gateway.fastPathSwitch().shadow(1));
            List<Flow> flows = flows(world);
            for (int step = 0; step < STEPS; step++) {
                if (policed) {
                    RandomPolicy.publish(world);
                }
                act(world, flows);
                world.run();
                world.assertConservation("step " + step);
                world.sites.forEach(site -> site.workload().received());
            }
            for (MemoryGateway gateway : world.gateways) {
                assertEquals(List.of(), gateway.mismatches(), seed::toString);
                assertEquals(0, gateway.fastPath().counters().mismatches(), seed::toString);
                compared += gateway.fastPath().counters().compared();
            }
        }
    }

    private static World world(Gen gen, int gateways) {
        return new World(gen, gateways, 1 + gen.below(3), 2 + gen.below(4), 2000, 1 << 16, 1 << gen.below(10), 1);
    }

    /** Two remote VTEPs that take what they are sent, flow by flow. */
    private Map<Integer, List<String>> peers(World world) {
        Map<Integer, List<String>> sent = new TreeMap<>();
        MemoryGateway gateway = world.gateways.getFirst();
        List<Integer> tunnels = new ArrayList<>();
        for (int peer = 1; peer <= PEERS; peer++) {
            String name = "to " + peer + " ";
            world.network.connect(World.address(peer), datagram -> {
                byte[] frame = Arrays.copyOfRange(datagram.payload(), 8, datagram.payload().length);
                add(sent, frame, name + datagram.tos() + " " + datagram.ttl() + " " + datagram.payload()[6] + " ");
            });
            tunnels.add(gateway.addVtep(World.address(peer)));
        }
        gateway.flood(Map.of(0, tunnels, 1, tunnels, 2, tunnels));
        return sent;
    }

    /** A flow that answers the one before it, every other time. */
    private static FrameBuilder builder(Gen gen, int number, long destination, long source) {
        if (gen.oneIn(2)) {
            return gen.transport(destination, source);
        }
        String one = "10.0.0." + (number / 2);
        String other = "10.0.1." + (number / 2);
        int port = 1000 + number / 2;
        boolean answers = number % 2 == 1;
        FrameBuilder builder = number % 4 < 2 ? FrameBuilder.udp4() : FrameBuilder.tcp4();
        return builder.macs(destination, source)
                .addresses(answers ? other : one, answers ? one : other)
                .ports(answers ? 5000 : port, answers ? port : 5000);
    }

    /** A flow from a local workload, or when {@code peer} is not 0 from behind a remote VTEP to one. */
    private record Flow(Site site, int peer, FrameBuilder builder) {}

    private static List<Flow> flows(World world) {
        Gen gen = world.gen;
        long[] remote = {gen.mac(), gen.mac(), gen.mac(), gen.mac()};
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Site site = world.anySite();
            int host = gen.below(remote.length);
            boolean arrives = i % 2 == 0 ? gen.oneIn(2) : flows.getLast().peer() == 0; // answers come from elsewhere
            long other = gen.oneIn(3) ? world.anySite().mac() : remote[host];
            flows.add(new Flow(
                    site,
                    arrives ? 1 + host % PEERS : 0,
                    arrives ? builder(gen, i, site.mac(), remote[host]) : builder(gen, i, other, site.mac())));
        }
        return flows;
    }

    /**
     * Sends something, in portions that fit into one batch with the copies that floods make: where a second batch
     * begins depends on who takes the fast path, and with it whether a reset reaches one port before older frames reach
     * another. The two directions of a connection come mixed, with sequence numbers that stand still: the fast path
     * does not keep the order between directions, on which windows that move would depend.
     */
    private static void act(World world, List<Flow> flows) {
        Gen gen = world.gen;
        for (int i = gen.below(4); i > 0; i--) {
            ConservationTest.act(world);
        }
        world.run();
        for (int i = gen.below(60); i >= 0; i--) {
            Flow flow = flows.get(gen.below(flows.size()));
            for (int k = gen.below(6); k >= 0; k--) {
                send(world, flow);
            }
            if (i % 4 == 0) {
                world.run();
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
        if (flow.peer() > 0) {
            int target = world.gateways.indexOf(flow.site().gateway());
            byte[] datagram = World.vxlan(flow.site().vni(), frame);
            world.network.send(new Datagram(
                    World.address(flow.peer()), World.address(target), 50_000, gen.below(4), 64, datagram));
        } else if (gen.oneIn(10)) {
            byte[] large = builder.flags(0x10).payload(1 + gen.below(20_000)).build();
            flow.site().workload().sendSuperframe(large, 50 + gen.below(World.MTU));
        } else {
            flow.site().workload().send(frame);
        }
    }

    private void compare(World on, World off, String where) {
        on.assertConservation(where);
        off.assertConservation(where);
        for (int i = 0; i < on.sites.size(); i++) {
            compare(received(off.sites.get(i)), received(on.sites.get(i)), where + ", site " + i);
        }
        for (int g = 0; g < on.gateways.size(); g++) {
            assertLinesMatch(counts(off.gateways.get(g)), counts(on.gateways.get(g)), where + ", gateway " + g);
        }
    }

    private static void compare(Map<Integer, List<String>> expected, Map<Integer, List<String>> actual, String where) {
        assertEquals(expected.keySet(), actual.keySet(), where);
        expected.forEach((flow, frames) -> assertLinesMatch(frames, actual.get(flow), where));
    }

    /** The frames that a workload received: the frames of each flow in order. */
    private Map<Integer, List<String>> received(Site site) {
        Map<Integer, List<String>> flows = new TreeMap<>();
        site.workload().received().forEach(frame -> add(flows, frame, ""));
        return flows;
    }

    private void add(Map<Integer, List<String>> flows, byte[] frame, String about) {
        Packet packet = Packets.frame(pool, frame);
        flows.computeIfAbsent(packet.flowHash(), hash -> new ArrayList<>())
                .add(about + Arrays.hashCode(frame) + " of " + frame.length + ": "
                        + HexFormat.of().formatHex(frame, 0, Math.min(frame.length, 40)));
        pool.release(packet);
    }

    /** All that a user can see, in wire packets; how they were merged may differ with the order of flows. */
    private static List<String> counts(MemoryGateway gateway) {
        List<String> counts = new ArrayList<>();
        gateway.graph().nodes().forEach((address, node) -> {
            Counters counters = node.counters();
            counts.add(address + " " + counters.segments() + " " + counters.drops() + " " + counters.copies() + " "
                    + counters.answers());
        });
        for (int port = 0; port < gateway.ports(); port++) {
            counts.add("port " + port + " " + gateway.port(port).rxPackets() + " "
                    + gateway.port(port).rxBytes() + " " + gateway.port(port).txPackets() + " "
                    + gateway.port(port).txBytes());
        }
        for (DropReason reason : DropReason.values()) {
            counts.add(reason + " " + gateway.dropped(reason));
        }
        counts.add("sent " + gateway.underlay().sentDatagrams());
        counts.addAll(RandomPolicy.counts(gateway));
        List<String> entries = new ArrayList<>();
        gateway.fdb()
                .forEach((segment, mac, port, isStatic, seen) ->
                        entries.add("fdb " + segment + " " + mac + " " + port + " " + isStatic + " " + seen));
        entries.sort(null);
        counts.addAll(entries);
        return counts;
    }
}
