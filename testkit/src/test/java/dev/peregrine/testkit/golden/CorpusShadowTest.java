package dev.peregrine.testkit.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.Pcap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Everything that the goldens hold, and frames and datagrams of all kinds at random, each several times so that there
 * are flows, with every hit sent down both paths. All unicast MAC addresses are known, since floods are never
 * remembered.
 */
class CorpusShadowTest {
    private static final Path FOLDER = Path.of("src/test/golden");
    private static final int TIMES = 30;
    private static final int RANDOM_FRAMES = Seed.rounds(2000);
    private static final int CAPACITY = 1024;
    private static final int HEADER = 8;
    private static final int SEGMENTS = 2;
    private static final String UNDERLAY = GoldenGateway.UNDERLAY;

    /** Something that enters at a place. */
    private record Input(String place, Pcap.Frame frame) {
        byte[] bytes() {
            return frame.bytes();
        }
    }

    @Test
    void theChainDoesToEveryHitWhatTheFastPathDoes() throws IOException {
        Gen gen = Gen.ofThisRun();
        List<Input> corpus = golden();
        for (int i = 0; i < RANDOM_FRAMES; i++) {
            corpus.add(random(gen));
        }
        try (GoldenGateway golden = new GoldenGateway(CAPACITY)) {
            MemoryGateway gateway = golden.gateway();
            gateway.fastPathSwitch().shadow(1);
            for (Input input : corpus) {
                learn(gateway, input);
                List<Pcap.Frame> frames = new ArrayList<>();
                for (int i = 0; i < TIMES; i++) {
                    frames.add(new Pcap.Frame(gateway.nowNanos() + 1 + i / 3, input.bytes())); // three in a batch
                }
                golden.enter(input.place(), frames);
                golden.run();
            }
            FlowCounters counters = gateway.fastPath().counters();
            assertEquals(List.of(), gateway.mismatches(), gen::toString);
            assertEquals(0, counters.mismatches(), gen::toString);
            long packets = counters.hits() + counters.misses() + counters.bypasses();
            assertTrue(
                    2 * counters.compared() > packets,
                    () -> gen + ": " + counters.compared() + " of " + packets + " packets were compared");
        }
    }

    private static List<Input> golden() throws IOException {
        List<Input> inputs = new ArrayList<>();
        for (String name : Stories.ALL.keySet()) {
            for (String place : GoldenGateway.PLACES) {
                Path file = FOLDER.resolve(name).resolve(place + ".in.pcap");
                for (Pcap.Frame frame : Files.exists(file) ? Pcap.read(file) : List.<Pcap.Frame>of()) {
                    inputs.add(new Input(place, frame));
                }
            }
        }
        assertTrue(inputs.size() > 50, () -> "only " + inputs.size() + " golden frames");
        return inputs;
    }

    private static Input random(Gen gen) {
        long destination = gen.oneIn(20) ? 0xffff_ffff_ffffL : gen.mac();
        byte[] whole = gen.oneIn(4)
                ? gen.frame(destination, gen.mac(), GoldenGateway.MTU)
                : gen.transport(destination, gen.mac())
                        .flags(0x10 | (gen.oneIn(3) ? 8 : 0))
                        .payload(gen.below(1300))
                        .build();
        byte[] frame = gen.oneIn(10) ? gen.damaged(whole) : whole;
        if (gen.oneIn(2)) {
            return new Input("port" + gen.below(3), new Pcap.Frame(0, frame));
        }
        int vni = gen.oneIn(2) ? GoldenGateway.VNI : GoldenGateway.OTHER_VNI;
        byte[] payload = ByteBuffer.allocate(HEADER + frame.length)
                .putLong(0x0800_0000_0000_0000L | ((long) vni << 8))
                .put(frame)
                .array();
        Datagram datagram = new Datagram(
                GoldenGateway.REMOTE, GoldenGateway.LOCAL, 50_000, gen.below(256), 1 + gen.below(255), payload);
        return new Input(UNDERLAY, new Pcap.Frame(0, Pcap.frame(datagram, 4789)));
    }

    /** Has the destination known: at a local port for what comes in by the tunnel, and for the rest behind that. */
    private static void learn(MemoryGateway gateway, Input input) {
        boolean arrives = input.place().equals(UNDERLAY);
        byte[] frame = arrives ? Pcap.datagram(input.bytes()).payload() : input.bytes();
        int at = arrives ? HEADER : 0;
        if (frame.length < at + 6 || (frame[at] & 1) != 0) {
            return;
        }
        long mac = ByteBuffer.wrap(frame, at, Short.BYTES).getShort() & 0xffffL;
        mac = (mac << Integer.SIZE)
                | (ByteBuffer.wrap(frame, at + 2, Integer.BYTES).getInt() & 0xffff_ffffL);
        if (!Fdb.isUnicast(mac)) {
            return;
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int port = arrives ? 2 * segment : gateway.addVtep(GoldenGateway.REMOTE);
            gateway.fdb().add(segment, mac, port, false, gateway.nowNanos());
        }
    }
}
