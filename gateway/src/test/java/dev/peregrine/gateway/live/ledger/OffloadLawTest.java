package dev.peregrine.gateway.live.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Capture;
import dev.peregrine.gateway.live.traffic.DatagramReplay;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.FaultInjector;
import dev.peregrine.testkit.FaultInjector.Faults;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MixedFlows;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Law 10 with a real kernel: what comes in as datagrams of one VNI goes to a TAP device, over a bridge to another one,
 * and leaves as datagrams of a second VNI. Every offload takes part on the way, in and out: GRO, superframes written
 * and read, segmentation. With all of them or none, the segments that leave are those that came, byte for byte.
 *
 * <pre>
 *  hA  replay ─► uA ═══► uB ─► VNI 42 ─► eth0 ─┐
 *                         hB gateway           bridge, cB
 *     tcpdump ◄─ uA ◄═══ uB ◄─ VNI 43 ◄─ eth1 ─┘
 * </pre>
 */
@LiveTest
class OffloadLawTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int FRAMES = 3000;
    private static final int VNI_OUT = 43;
    private static final long VXLAN_42 = 0x0800_0000_0000_2a00L;
    private static final long SENDER = 0x02_00_00_00_00_0aL;
    private static final long RECEIVER = 0x02_00_00_00_00_0bL;
    private static final String RECEIVER_TEXT = "02:00:00:00:00:0b";
    private static final Faults FAULTS = new Faults(0.02, 0.01, 0.04, 5);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void segmentsLeaveAsTheyCame(Underlay underlay) throws IOException {
        Gen gen = Gen.ofThisRun();
        List<byte[]> frames = new ArrayList<>();
        FaultInjector<byte[]> network = new FaultInjector<>(FAULTS, gen.below(Integer.MAX_VALUE), frames::add);
        new MixedFlows(gen, RECEIVER, SENDER, 12).frames(FRAMES).forEach(network);
        network.flush();
        Path file = folder.resolve("datagrams");
        DatagramReplay.write(
                file, frames.stream().map(OffloadLawTest::encapsulated).toList());
        for (String offload : List.of("auto", "off")) {
            List<byte[]> left = pass(underlay, offload, file, frames.size());
            assertEquals("", MixedFlows.difference(frames, left), gen + ", offload " + offload);
        }
    }

    private static byte[] encapsulated(byte[] frame) {
        return ByteBuffer.allocate(Long.BYTES + frame.length)
                .putLong(VXLAN_42)
                .put(frame)
                .array();
    }

    /** The frames that leave when those of the file come in. */
    private List<byte[]> pass(Underlay underlay, String offload, Path file, int count) {
        try (Lab lab = Lab.create(underlay)) {
            lab.hA().output("ethtool", "-K", "uA", "gro", "off"); // or tcpdump sees what is merged
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab, offload));
                    Capture capture = Capture.start(lab.hA(), "uA", folder)) {
                bridge(lab.cB());
                List<String> replay = Jvm.words(DatagramReplay.class, file.toString(), lab.vtepA(), lab.vtepB());
                Command.run(LIMIT, lab.hA().words(replay)).orFail();
                List<byte[]> frames = capture.frames(VNI_OUT, count);
                assertEquals(count, frames.size(), () -> "dropped " + gateway.dropsSince(Map.of()));
                if (offload.equals("auto")) assertMerged(gateway, "in", "out");
                if (offload.equals("auto")) assertMerged(gateway, "out", "in");
                return frames;
            }
        }
    }

    private static void bridge(Namespace container) {
        container.ip("link add br0 type bridge mcast_snooping 0");
        for (String device : List.of("eth0", "eth1", "br0")) {
            if (!device.equals("br0")) container.ip("link set " + device + " master br0");
            container.ip("link set " + device + " up");
        }
    }

    /** Offloads were at work: frames stood for several segments, to the one port and from the other. */
    private static void assertMerged(GatewayProcess gateway, String port, String stage) {
        for (JsonNode row : gateway.json("stage", "list")) {
            if (!row.path("device").asText().equals("port:" + port)
                    || !row.path("stage").asText().equals(stage)) continue;
            long packets = row.path("packets").asLong();
            long segments = row.path("segments").asLong();
            Figures.print("port " + port + ": " + segments + " segments in " + packets + " frames");
            assertTrue(segments > FRAMES / 2 && packets < segments / 2, row::toString);
            return;
        }
        throw new AssertionError("no stage " + stage + " of port " + port);
    }

    private static String config(Lab lab, String offload) {
        return """
                underlay: {local: "%s", device: uB, offload: {gro: %s, gso: %s, tapOffload: %s}}
                vnis:
                  - vni: 42
                    flood: ["%s"]
                    fdb: [{mac: "%s", port: in}]
                    ports: [{name: in, type: tap, device: eth0, netns: %s}]
                  - vni: 43
                    flood: ["%s"]
                    fdb: [{mac: "%s", vtep: "%s"}]
                    ports: [{name: out, type: tap, device: eth1, netns: %s}]
                """.formatted(
                        lab.vtepB(),
                        offload,
                        offload,
                        offload,
                        lab.vtepA(),
                        RECEIVER_TEXT,
                        lab.cB(),
                        lab.vtepA(),
                        RECEIVER_TEXT,
                        lab.vtepA(),
                        lab.cB());
    }
}
