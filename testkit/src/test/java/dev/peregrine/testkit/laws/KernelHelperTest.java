package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.TestRun;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.HelperProgram;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.laws.KernelTierFrames.Flow;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.TunnelSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Law 4 behind the helper device: what it has taken out of the tunnel leaves as the chain sends it, byte for byte, or
 * is dropped. As {@link KernelTierTest}, with half its frames.
 */
@Tag("live")
class KernelHelperTest {
    private static final int FRAMES = Integer.getInteger("peregrine.tier.frames", 200_000) / 2;
    private static final int FLOWS = 150;
    private static final int LONGEST = KernelTierWorld.MTU + 14;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsWhatTheChainSends(boolean ipv6) throws LinuxException, UnknownHostException {
        Gen gen = Gen.ofThisRun();
        InetAddress vtep = InetAddress.getByName(ipv6 ? "2001:db8:5::9:2" : "198.18.91.2");
        try (KernelTierWorld world = new KernelTierWorld(
                ipv6,
                TunnelSettings.DEFAULT,
                (tables, end) -> HelperProgram.probe(tables, end, KernelTierWorld.VNIS[0], vtep))) {
            assertEquals(vtep, world.vteps[0]);
            List<Flow> flows = new ArrayList<>();
            for (int i = 0; i < FLOWS; i++) {
                Flow flow = Flow.of(gen, i);
                flows.add(new Flow(0, 0, flow.kind(), flow.source(), 0, i));
            }
            int sent = 0;
            for (int i = 0; i < FRAMES; i++) {
                Flow flow = flows.get(gen.below(FLOWS));
                byte[] whole = flow.frame(gen, KernelTierWorld.WORKLOADS[0], flow.source())
                        .build();
                byte[] frame = gen.below(10) < 3 ? KernelTierWorld.damage(gen, whole) : whole;
                sent += compare(
                        world,
                        frame,
                        gen + ", frame " + i + ": " + HexFormat.of().formatHex(frame));
            }
            world.flows.collect();
            assertEquals(sent, world.counted, () -> gen + ": each is counted once");
            int known = sent;
            assertTrue(known > FRAMES / 4, () -> gen + ": only " + known);
        }
    }

    /** 1: sent; 0: dropped, as late. */
    private static int compare(KernelTierWorld world, byte[] frame, String which) throws LinuxException {
        byte[] payload = World.vxlan(KernelTierWorld.VNIS[0], frame);
        IpAddress from = IpAddress.of(world.vteps[0]);
        long before = world.gateway.fastPath().counters().hits();
        world.network.send(new Datagram(from, IpAddress.of(world.local), 50_000, 0, 64, payload));
        world.gateway.run();
        boolean isHit = world.gateway.fastPath().counters().hits() > before;
        List<byte[]> out = world.take().getFirst();
        if (!KernelTierFrames.canRun(frame)) {
            return 0;
        }
        TestRun run = world.program.run(frame);
        FlowKey key = world.key(payload, 8, world.vtepPorts[0]);
        boolean isKnown = key != null && world.installed.containsKey(KernelTierWorld.text(key));
        if (run.verdict() == Verdict.REDIRECT) {
            if (frame.length <= LONGEST) { // the program at the underlay sends nothing longer to the device
                assertEquals(1, out.size(), () -> "the chain sends it not once: " + which);
                if (!KernelTierFrames.isUnfilled(run.frame())) {
                    assertArrayEquals(out.getFirst(), run.frame(), () -> "other bytes than the chain: " + which);
                }
            }
            return 1;
        }
        assertEquals(Verdict.DROP, run.verdict(), () -> which);
        assertTrue(!isKnown, () -> "dropped although the flow is known: " + which);
        if (isHit && key != null && out.size() == 1) {
            world.installToPort(key, world.vtepPorts[0], 0, 0);
        }
        return 0;
    }
}
