package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TestRun;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.PortProgram;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.fastpath.kernel.UnderlayProgram;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.laws.KernelTierFrames.Flow;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.TunnelSettings;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Law 4 for the kernel's tier: a program does to a frame what the chain does, byte for byte, or leaves it as it is.
 * Random frames go through each program ({@code BPF_PROG_TEST_RUN}) and through a gateway in memory; three of ten are
 * damaged.
 *
 * <p>{@code -Dperegrine.tier.frames=N} sets the number of frames of each test out of the tunnel; those into it have
 * half of it. By default that makes a million, in some ten seconds.
 */
@Tag("live")
class KernelTierTest {
    private static final int FRAMES = Integer.getInteger("peregrine.tier.frames", 200_000);
    private static final int FLOWS = 150;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    /** The text of a failure: the run, and the frame. */
    private static final class Frame {
        private final Gen gen;
        private final int number;
        private final byte[] bytes;

        Frame(Gen gen, int number, byte[] bytes) {
            this.gen = gen;
            this.number = number;
            this.bytes = bytes;
        }

        @Override
        public String toString() {
            return gen + ", frame " + number + ": " + HexFormat.of().formatHex(bytes);
        }
    }

    // ---- out of the tunnel ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void takesOutOfTheTunnelWhatTheChainTakesOut(int how) throws LinuxException, UnknownHostException {
        boolean ipv6 = (how & 1) != 0;
        BiFunction<KernelTables, TunnelEnd, Program> program =
                how < 2 ? UnderlayProgram::of : UnderlayProgram::withHelper;
        Gen gen = Gen.ofThisRun();
        try (KernelTierWorld world = new KernelTierWorld(ipv6, TunnelSettings.DEFAULT, program)) {
            List<Flow> flows = new ArrayList<>();
            for (int i = 0; i < FLOWS; i++) {
                flows.add(Flow.of(gen, i));
            }
            int[] verdicts = new int[2];
            for (int i = 0; i < FRAMES; i++) {
                Flow flow = flows.get(gen.below(FLOWS));
                byte[] frame = KernelTierFrames.outer(gen, world, flow, ipv6);
                byte[] bytes = gen.below(10) < 3 ? KernelTierWorld.damage(gen, frame) : frame;
                verdicts[compareReceived(world, bytes, new Frame(gen, i, bytes))]++;
            }
            world.flows.collect();
            assertEquals(verdicts[1], world.counted, () -> gen + ": each is counted once");
            assertTrue(verdicts[1] > FRAMES / 4, () -> gen + ": only " + Arrays.toString(verdicts));
            assertTrue(verdicts[0] > FRAMES / 10, () -> gen + ": all but " + Arrays.toString(verdicts));
        }
    }

    /** 0: left to the gateway; 1: went fast. */
    private static int compareReceived(KernelTierWorld world, byte[] frame, Object which) throws LinuxException {
        long before = world.gateway.fastPath().counters().hits();
        Datagram datagram = KernelTierFrames.received(frame, world);
        if (datagram != null) {
            world.network.send(datagram);
            world.gateway.run();
        }
        boolean isHit = world.gateway.fastPath().counters().hits() > before;
        List<List<byte[]>> out = world.take();
        int port = out.get(0).isEmpty() ? 1 : 0;
        if (!KernelTierFrames.canRun(frame)) {
            return 0;
        }
        TestRun run = world.program.run(frame);
        int order = KernelTierFrames.order(world, frame);
        if (datagram != null && frame[14] != 0x46) {
            int pending = run.verdict() == Verdict.NEXT ? datagram.payload().length : 0;
            assertEquals(pending, world.tables.pending(order), () -> "the gateway would count it out: " + which);
        }
        world.settle(order);
        if (run.verdict() == Verdict.REDIRECT) {
            assertEquals(1, out.get(0).size() + out.get(1).size(), () -> "the chain sends it not once: " + which);
            byte[] chain = out.get(port).getFirst();
            if (!KernelTierFrames.isUnfilled(run.frame())) {
                assertArrayEquals(chain, run.frame(), () -> "other bytes than the chain: " + which);
            }
            return 1;
        }
        assertArrayEquals(frame, run.frame(), () -> "changed although it goes on: " + which);
        FlowKey key = datagram == null ? null : world.key(datagram.payload(), 8, inPort(world, datagram));
        assertEquals(Verdict.NEXT, run.verdict(), which::toString);
        if (isHit && datagram != null && key != null) {
            compareWalk(world, frame, datagram, key, port, which);
        }
        return 0;
    }

    /**
     * The gateway's cache knows the flow of a frame that walked: so does the tier from now on, and it walked for a
     * reason.
     */
    private static void compareWalk(
            KernelTierWorld world, byte[] frame, Datagram datagram, FlowKey key, int port, Object which)
            throws LinuxException {
        int tagBytes = isTagged(key) ? 4 : 0;
        if (!world.installed.containsKey(KernelTierWorld.text(key))) {
            world.installToPort(key, inPort(world, datagram), port, tagBytes);
            return;
        }
        boolean isWhole = frame.length == KernelTierFrames.outerBytes(world) + datagram.payload().length;
        // The gateway cuts TCP frames that are too long, as a kernel has merged them; programs leave that to it.
        boolean fits = datagram.payload().length <= 8 + KernelTierWorld.MTU + 14 + tagBytes;
        assertTrue(
                !isWhole || !fits || tagBytes > 0 || mayWalk(key), () -> "walks although the flow is known: " + which);
    }

    private static boolean isTagged(FlowKey key) {
        return isVlan((int) (key.word(2) >>> 16) & 0xffff);
    }

    private static int inPort(KernelTierWorld world, Datagram datagram) {
        return world.gateway
                .vteps()
                .port(datagram.source().high(), datagram.source().low());
    }

    private static boolean isVlan(int type) {
        return type == 0x8100 || type == 0x88a8;
    }

    /** Flows that the gateway caches and programs leave alone: with reserved bits of the tunnel. */
    private static boolean mayWalk(FlowKey key) {
        return (key.word(0) & 0xf7ff_ffff_0000_00ffL) != 0;
    }

    // ---- into the tunnel ------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void putsIntoTheTunnelWhatTheChainPutsIn(int how) throws LinuxException, UnknownHostException {
        boolean ipv6 = (how & 1) != 0;
        TunnelSettings settings = how < 2
                ? TunnelSettings.DEFAULT
                : new TunnelSettings(0, TunnelSettings.EncapEcn.RFC3168, 46, TunnelSettings.INHERIT);
        Gen gen = Gen.ofThisRun();
        try (BpfMap seen = BpfMap.array("pg_seen", PortProgram.TUNNEL_KEY_BYTES, 1);
                KernelTierWorld world =
                        new KernelTierWorld(ipv6, settings, (tables, end) -> PortProgram.probe(tables, end, seen))) {
            List<Flow> flows = flowsToVteps(gen, world);
            int[] verdicts = new int[2];
            for (int i = 0; i < FRAMES / 2; i++) {
                byte[] bytes = frameToVtep(gen, flows);
                verdicts[compareSent(world, settings, seen, bytes, new Frame(gen, i, bytes))]++;
            }
            assertCounts(gen, world, verdicts);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void encapsulatesAsTheChainDoes(int how) throws LinuxException, UnknownHostException {
        boolean ipv6 = (how & 1) != 0;
        TunnelSettings settings = how < 2
                ? TunnelSettings.DEFAULT
                : new TunnelSettings(0, TunnelSettings.EncapEcn.RFC3168, 46, TunnelSettings.INHERIT);
        Gen gen = Gen.ofThisRun();
        try (KernelTierWorld world = new KernelTierWorld(ipv6, /* checksum= */ false, settings, PortProgram::of)) {
            List<Flow> flows = flowsToVteps(gen, world);
            int[] verdicts = new int[2];
            for (int i = 0; i < FRAMES / 2; i++) {
                byte[] bytes = frameToVtep(gen, flows);
                verdicts[compareEncapsulated(world, bytes, new Frame(gen, i, bytes))]++;
            }
            assertCounts(gen, world, verdicts);
        }
    }

    private static List<Flow> flowsToVteps(Gen gen, KernelTierWorld world) {
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Flow flow = Flow.of(gen, i);
            flows.add(new Flow(flow.vtep(), 0, flow.kind(), flow.source(), 0, i));
            learn(world, flows.getLast());
        }
        return flows;
    }

    private static byte[] frameToVtep(Gen gen, List<Flow> flows) {
        Flow flow = flows.get(gen.below(FLOWS));
        byte[] frame =
                flow.frame(gen, flow.source(), KernelTierWorld.WORKLOADS[0]).build();
        return gen.below(10) < 3 ? KernelTierWorld.damage(gen, frame) : frame;
    }

    private static void assertCounts(Gen gen, KernelTierWorld world, int[] verdicts) {
        world.flows.collect();
        assertEquals(verdicts[1], world.counted, () -> gen + ": each is counted once");
        assertTrue(verdicts[1] > FRAMES / 8, () -> gen + ": only " + Arrays.toString(verdicts));
        assertTrue(verdicts[0] > FRAMES / 20, () -> gen + ": all but " + Arrays.toString(verdicts));
    }

    private static int compareEncapsulated(KernelTierWorld world, byte[] frame, Object which) throws LinuxException {
        boolean isHit = sendByChain(world, frame);
        if (!KernelTierFrames.canRun(frame)) {
            return 0;
        }
        TestRun run = world.program.run(frame);
        settleSent(world, frame, run, which);
        if (run.verdict() == Verdict.REDIRECT) {
            assertEquals(1, world.sent.size(), () -> "the chain sends it not once: " + which);
            assertArrayEquals(datagram(world.sent.getFirst(), frame), run.frame(), () -> "other bytes: " + which);
            return 1;
        }
        assertEquals(Verdict.NEXT, run.verdict(), which::toString);
        assertArrayEquals(frame, run.frame(), () -> "changed although it goes on: " + which);
        FlowKey key = isHit ? world.key(frame, 0, 0) : null;
        if (key != null && world.installed.containsKey(KernelTierWorld.text(key))) {
            assertTrue(mayWalk(key), () -> "walks although the flow is known: " + which);
        } else if (key != null && world.sent.size() == 1) {
            InetAddress vtep = world.sent.getFirst().destination().toInetAddress();
            world.installToTunnel(key, KernelTierWorld.VNIS[0], vtep);
        }
        return 0;
    }

    /**
     * The chain's datagram, as a socket of the kernel sends it, but for the flow label; the Ethernet header is the
     * frame's until the next hop is known.
     */
    private static byte[] datagram(Datagram sent, byte[] frame) {
        boolean isIpv4 = sent.source().toInetAddress() instanceof Inet4Address;
        FrameBuilder outer = isIpv4 ? FrameBuilder.udp4().fragmentBits(0x4000) : FrameBuilder.udp6();
        byte[] bytes = outer.zeroChecksum()
                .macs(0, 0)
                .addresses(
                        sent.source().toInetAddress().getHostAddress(),
                        sent.destination().toInetAddress().getHostAddress())
                .ports(KernelTierWorld.SOURCE_PORT, KernelTierWorld.PORT)
                .tos(sent.tos())
                .ttl(sent.ttl())
                .payload(sent.payload())
                .build();
        System.arraycopy(frame, 0, bytes, 0, 14);
        if (!isIpv4) {
            ByteBuffer.wrap(bytes).putShort(16, (short) KernelTierWorld.SOURCE_PORT);
        }
        return bytes;
    }

    /** The gateway learns where the flow's destination is. */
    private static void learn(KernelTierWorld world, Flow flow) {
        byte[] frame = FrameBuilder.ethernet(KernelTierWorld.WORKLOADS[0], flow.source(), 0x88b5, new byte[46]);
        byte[] payload = World.vxlan(KernelTierWorld.VNIS[0], frame);
        IpAddress vtep = IpAddress.of(world.vteps[flow.vtep()]);
        world.network.send(new Datagram(vtep, IpAddress.of(world.local), 50_000, 0, 64, payload));
        world.gateway.run();
        world.take();
    }

    /** Whether the gateway's cache knew the flow. */
    private static boolean sendByChain(KernelTierWorld world, byte[] frame) {
        long before = world.gateway.fastPath().counters().hits();
        world.sent.clear();
        world.gateway.endpoint(0).send(frame);
        world.gateway.run();
        world.take();
        return world.gateway.fastPath().counters().hits() > before;
    }

    private static void settleSent(KernelTierWorld world, byte[] frame, TestRun run, Object which) {
        FlowKey flow = world.key(KernelTierFrames.open(frame), 0, 0);
        if (flow != null) {
            int pending = run.verdict() == Verdict.NEXT ? 1 : 0;
            int order = world.tables.order(flow);
            assertEquals(pending, world.tables.pending(order), () -> "the gateway would count it out: " + which);
            world.settle(order);
        }
    }

    private static int compareSent(
            KernelTierWorld world, TunnelSettings settings, BpfMap seen, byte[] frame, Object which)
            throws LinuxException {
        boolean isHit = sendByChain(world, frame);
        if (!KernelTierFrames.canRun(frame)) {
            return 0;
        }
        TestRun run = world.program.run(frame);
        settleSent(world, frame, run, which);
        assertArrayEquals(frame, run.frame(), () -> "the helper device writes the headers: " + which);
        if (run.verdict() == Verdict.REDIRECT) {
            assertEquals(1, world.sent.size(), () -> "the chain sends it not once: " + which);
            assertTunnel(world.sent.getFirst(), world, seen, frame, which);
            return 1;
        }
        assertEquals(Verdict.NEXT, run.verdict(), which::toString);
        FlowKey key = isHit ? world.key(frame, 0, 0) : null;
        if (key != null && world.installed.containsKey(KernelTierWorld.text(key))) {
            boolean isMarked = settings.encapEcn() == TunnelSettings.EncapEcn.RFC6040
                    && (world.sent.getFirst().tos() & 3) == 3;
            assertTrue(isMarked || mayWalk(key), () -> "walks although the flow is known: " + which);
        } else if (key != null && world.sent.size() == 1) {
            InetAddress vtep = world.sent.getFirst().destination().toInetAddress();
            world.installToTunnel(key, KernelTierWorld.VNIS[0], vtep);
        }
        return 0;
    }

    /**
     * The helper device gets what the gateway would have sent; of the TOS, all but the marks, which it copies itself.
     */
    private static void assertTunnel(
            Datagram datagram, KernelTierWorld world, BpfMap seen, byte[] frame, Object which) {
        byte[] key = seen.memory().toArray(ValueLayout.JAVA_BYTE);
        int vni = seen.memory().get(ValueLayout.JAVA_INT, 0);
        assertArrayEquals(World.vxlan(vni, frame), datagram.payload(), which::toString);
        assertEquals(datagram.tos() & ~3, key[20] & 0xff, () -> "TOS: " + which);
        assertEquals(datagram.ttl(), key[21] & 0xff, () -> "TTL: " + which);
        assertAddress(world.local, seen, 4, which);
        assertAddress(datagram.destination().toInetAddress(), seen, 28, which);
    }

    private static void assertAddress(InetAddress expected, BpfMap seen, int at, Object which) {
        byte[] address = expected.getAddress();
        byte[] found = seen.memory().asSlice(at, address.length).toArray(ValueLayout.JAVA_BYTE);
        if (address.length == 4) {
            found = ByteBuffer.allocate(4)
                    .putInt(seen.memory().get(ValueLayout.JAVA_INT, at))
                    .array();
        }
        assertArrayEquals(address, found, () -> "address: " + which);
    }
}
