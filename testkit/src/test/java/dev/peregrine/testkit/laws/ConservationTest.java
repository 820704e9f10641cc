package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.laws.World.Site;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Law 2: counted in segments, in + copies + answers = out + drops + consumed; at rest every pool is full. (This graph
 * answers and consumes nothing.)
 */
class ConservationTest {
    private static final int STEPS = 300;
    private static final long SECOND = 1_000_000_000L;

    private final Set<DropReason> seen = EnumSet.noneOf(DropReason.class);

    @SeededTest
    void noPacketIsLostOrMadeWhateverComes() {
        Gen gen = Gen.ofThisRun();
        live(gen, 1 + gen.below(100), 1 + gen.below(200));
    }

    @Test
    void theWorldsAreWildEnoughToMeanSomething() {
        Gen gen = Gen.ofThisRun();
        for (int i = 0; i < 5; i++) {
            live(gen, 4, 20);
        }
        Set<DropReason> expected = EnumSet.of(
                DropReason.VXLAN_TRUNCATED,
                DropReason.VXLAN_INVALID_HDR,
                DropReason.VXLAN_VNI_NOT_FOUND,
                DropReason.VTEP_NOT_ALLOWED,
                DropReason.INNER_VLAN_TAGGED,
                DropReason.INNER_HEADER_INVALID,
                DropReason.MAC_INVALID_SOURCE,
                DropReason.SAME_PORT,
                DropReason.FLOOD_COPY_FAILED,
                DropReason.MTU_EXCEEDED,
                DropReason.PORT_DOWN,
                DropReason.ENDPOINT_FULL);
        expected.removeAll(seen);
        assertTrue(expected.isEmpty(), () -> gen + ": never happened: " + expected);
    }

    private void live(Gen gen, int buffers, int queue) {
        int flows = gen.oneIn(2) ? 0 : 1 << gen.below(8);
        try (World world = new World(
                gen, 1 + gen.below(3), 1 + gen.below(3), 2 + gen.below(5), buffers, queue, flows, 1 + gen.below(3))) {
            for (int step = 0; step < STEPS; step++) {
                for (int i = gen.below(70); i >= 0; i--) {
                    act(world);
                }
                world.run();
                world.assertConservation("step " + step);
                empty(world);
            }
            for (MemoryGateway gateway : world.gateways) {
                for (DropReason reason : DropReason.values()) {
                    if (gateway.dropped(reason) > 0) {
                        seen.add(reason);
                    }
                }
            }
        }
    }

    /** Does anything that may happen in a world. */
    static void act(World world) {
        Gen gen = world.gen;
        Site from = world.anySite();
        switch (gen.below(16)) {
            case 0 -> disturb(world, from);
            case 1, 2, 3, 4 -> strike(world);
            case 5 -> sendSuperframe(world, from);
            case 6 -> from.workload().send(gen.damaged(frame(world, from)));
            case 7 -> from.workload().send(tagged(world, from));
            case 8 -> from.workload().send(gen.frame(destination(world), from.mac(), World.MTU * 2));
            default -> from.workload().send(frame(world, from));
        }
    }

    private static byte[] frame(World world, Site from) {
        long source = world.gen.oneIn(20) ? world.gen.mac() | (1L << 40) : from.mac();
        return world.gen.frame(destination(world), source, World.MTU);
    }

    private static long destination(World world) {
        return switch (world.gen.below(8)) {
            case 0 -> EthernetHeader.BROADCAST;
            case 1 -> world.gen.mac();
            default -> world.anySite().mac();
        };
    }

    private static void sendSuperframe(World world, Site from) {
        FrameBuilder builder = world.gen.transport(destination(world), from.mac());
        byte[] frame = builder.payload(1 + world.gen.below(20_000)).build();
        from.workload().sendSuperframe(frame, 50 + world.gen.below(World.MTU));
    }

    private static byte[] tagged(World world, Site from) {
        return world.gen
                .transport(destination(world), from.mac())
                .tag(0x8100, world.gen.below(4096))
                .build();
    }

    /** Throws a datagram of any kind, from anybody, at a gateway. */
    private static void strike(World world) {
        Gen gen = world.gen;
        int target = gen.below(world.gateways.size());
        byte[] inner = gen.frame(destination(world), world.anySite().mac(), World.MTU);
        byte[] datagram = World.vxlan(World.FIRST_VNI + gen.below(4), gen.oneIn(4) ? gen.damaged(inner) : inner);
        byte[] payload = switch (gen.below(4)) {
            case 0 -> gen.garbage(200);
            case 1 -> gen.damaged(datagram);
            default -> datagram;
        };
        int source = gen.below(world.gateways.size() + 1);
        world.network.send(new Datagram(
                World.address(source), World.address(target), 50_000, gen.below(256), gen.below(256), payload));
    }

    /** Commands refuse a port of another segment, so none is tried here; a port that there is not may be named. */
    private static void addStatic(MemoryGateway gateway, long mac, int port) {
        if (port >= gateway.ports() || gateway.port(port).segment() == 0) {
            gateway.fdb().add(0, mac, port, true, gateway.nowNanos());
        }
    }

    private static void disturb(World world, Site site) {
        Gen gen = world.gen;
        MemoryGateway gateway = site.gateway();
        switch (gen.below(7)) {
            case 6 -> gateway.schedule(world.anySchedule());
            case 0 -> gateway.attach(site.port(), gen.oneIn(2));
            case 1 -> gateway.port(site.port()).mtu(500 + gen.below(1000));
            case 2 -> gateway.fdb().flush(Fdb.ANY, Fdb.ANY, true);
            case 3 -> addStatic(gateway, world.anySite().mac(), gen.below(8));
            case 4 -> gateway.bridge().learning(gen.below(world.gateways.size()), gen.oneIn(2));
            default -> {
                gateway.advance(gen.below(200) * SECOND);
                gateway.fdb().age(gateway.nowNanos());
            }
        }
    }

    private static void empty(World world) {
        if (world.gen.oneIn(3)) {
            world.sites.forEach(site -> site.workload().received());
        }
    }
}
