package dev.peregrine.gateway.live.process;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.PcapngFile;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.gateway.live.traffic.Tcpdump;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code capture} of real traffic, against captures of tcpdump at both ends. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaptureTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Of 20 ms and more, in which nothing may change. */
    private static final int QUIET_LOOKS = 5;

    /** With all the rest less than a ring of the capture holds: a busy machine may let its reader wait for long. */
    private static final int STREAM_BYTES = 1 << 20;

    private static final int OUTER = 14 + 20 + 8 + 8;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();

    @TempDir
    private Path folder;

    /** The gateway notices within about a second that a client has gone; until then it refuses another. */
    @AfterEach
    void awaitTheEndOfTheCapture() {
        Await.until(
                LIMIT,
                "the gateway takes another observer",
                () -> gateway.command("trace", "--seconds", "1", "--count", "1", "drop", "RATE_LIMIT")
                                .exit()
                        == 0,
                gateway::toString);
    }

    @AfterAll
    void close() {
        scene.close();
    }

    /** Both directions, UDP, TCP and ping; packets of the fast path and of walks, superframes among them. */
    @Test
    void theSameFramesAsAtBothEnds() throws Exception {
        Path file = folder.resolve("gateway.pcapng");
        try (Tcpdump sentByA = Tcpdump.start(lab.hA(), "uA", "out", folder.resolve("a.pcap"), "udp port 4789");
                Tcpdump sentByB = Tcpdump.start(lab.hB(), "uB", "out", folder.resolve("b.pcap"), "udp port 4789")) {
            Counts before;
            Counts after;
            Captured seen;
            try (BackgroundProcess capture = capture("--at", "underlay", "--write", file.toString())) {
                until("the capture has begun", () -> isBegun(file));
                before = awaitSteady(sentByA, sentByB, file, _ -> true);
                ping(lab.cA(), Lab.INNER_B, 50, 56);
                ping(lab.cB(), Lab.INNER_A, 50, 1400);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 1);
                Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, STREAM_BYTES, 2);
                new Iperf(lab.cA(), lab.cB(), Lab.INNER_B, 1).udp(false, 2_000, 700);
                after = awaitSteady(sentByA, sentByB, file, now -> now.haveAllSeenSince(before));
                capture.terminate();
                capture.awaitExit(LIMIT);
                assertTrue(capture.lines().getLast().endsWith(" frames, 0 missed"), capture::toString);
                seen = Captured.of(file);
            }
            List<String> sent = inner(sentByA.frames().subList(before.sentByA(), after.sentByA()));
            long lost = sent.size() - (after.received() - before.received());
            assertTrue(lost >= 0 && lost < sent.size() / 2, "lost on the way to the gateway: " + lost);
            same(sent, seen.fromA().subList(before.seenOfA(), after.seenOfA()), lost, "from A");
            List<String> answers = inner(sentByB.frames().subList(before.sentByB(), after.sentByB()));
            same(answers, seen.fromB().subList(before.seenOfB(), after.seenOfB()), 0, "from B");
            assertTrue(seen.superframes() > 0, "no superframe");
        }
    }

    /** Frames of both directions in a file of the capture. */
    private record Captured(List<String> fromA, List<String> fromB, long superframes) {
        static Captured of(Path file) {
            List<PcapngFile.Frame> frames = PcapngFile.read(file);
            long superframes = frames.stream()
                    .filter(frame -> frame.comment().contains("of a superframe"))
                    .count();
            return new Captured(inner(frames, 1), inner(frames, 2), superframes);
        }
    }

    /** The counts of all observers. Neighbour discovery and multicast groups have datagrams of their own. */
    private record Counts(long received, int sentByA, int sentByB, int seenOfA, int seenOfB) {
        boolean haveAllSeenSince(Counts before) {
            return seenOfA - before.seenOfA >= received - before.received
                    && seenOfB - before.seenOfB >= sentByB - before.sentByB;
        }
    }

    private Counts counts(Tcpdump sentByA, Tcpdump sentByB, Path file) {
        Captured seen = Captured.of(file);
        return new Counts(
                received(),
                sentByA.frames().size(),
                sentByB.frames().size(),
                seen.fromA().size(),
                seen.fromB().size());
    }

    /** One observer may have seen a datagram that another has not seen yet: waits until none counts more. */
    private Counts awaitSteady(Tcpdump sentByA, Tcpdump sentByB, Path file, Predicate<Counts> enough) {
        Deque<Counts> last = new ArrayDeque<>();
        Await.until(
                LIMIT,
                "nothing is on its way",
                () -> {
                    last.addLast(counts(sentByA, sentByB, file));
                    if (last.size() > QUIET_LOOKS) last.removeFirst();
                    return last.size() == QUIET_LOOKS && Set.copyOf(last).size() == 1 && enough.test(last.getLast());
                },
                () -> last);
        return last.getLast();
    }

    /** Datagrams that the kernel gave to the gateway: where the machine is busy, it drops some in front of it. */
    private long received() {
        return gateway.row("vtep", "address", lab.vtepA()).path("rxDatagrams").asLong();
    }

    private BackgroundProcess capture(String... words) {
        List<String> line = new ArrayList<>(List.of("--socket", gateway.socket().toString(), "capture"));
        line.addAll(List.of(words));
        return BackgroundProcess.start(Jvm.words(Main.class, line.toArray(String[]::new)));
    }

    /** Answered or not. */
    private static void ping(Namespace from, String to, int count, int payload) {
        Command.run(from.words("ping", "-n", "-q", "-i", "0.01", "-W", "1", "-c", "" + count, "-s", "" + payload, to));
    }

    private static boolean isBegun(Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void until(String what, BooleanSupplier done) {
        Await.until(LIMIT, what, done, () -> "not yet");
    }

    private static List<String> inner(List<byte[]> datagrams) {
        return datagrams.stream().map(CaptureTest::normal).toList();
    }

    private static List<String> inner(List<PcapngFile.Frame> frames, int direction) {
        return frames.stream()
                .filter(frame -> frame.device().equals("underlay") && frame.direction() == direction)
                .peek(frame -> assertEquals(frame.wireLength(), frame.bytes().length))
                .map(frame -> normal(frame.bytes()))
                .toList();
    }

    /**
     * The inner frame without what offloads may change: the container's kernel leaves checksums to a device that is not
     * there, and counts IPv4 identifications of its own.
     */
    private static String normal(byte[] datagram) {
        byte[] frame = Arrays.copyOfRange(datagram, OUTER, datagram.length);
        if (ByteBuffer.wrap(frame).getShort(12) == 0x0800) {
            int transport = 14 + (frame[14] & 15) * 4;
            int checksum = switch (frame[23]) {
                case TCP -> transport + 16;
                case UDP -> transport + 6;
                default -> -1;
            };
            if (checksum > 0) frame[checksum] = frame[checksum + 1] = 0;
        }
        return HexFormat.of().formatHex(frame);
    }

    /** Nothing that was not sent, and all that was sent but {@code lost} frames. */
    private static void same(List<String> sent, List<String> captured, long lost, String what) {
        Figures.print(what + ": " + sent.size() + " frames, " + captured.size() + " captured, " + lost + " lost");
        List<String> more = without(captured, sent);
        List<String> missing = without(sent, captured);
        assertEquals(List.of(), more.stream().limit(2).toList(), what + ": captured " + more.size() + " more");
        assertEquals(lost, missing.size(), () -> what + ": not captured: " + missing.getFirst());
    }

    /** The frames without those of another list, each taken off once. */
    private static List<String> without(List<String> frames, List<String> others) {
        Map<String, Long> left = others.stream().collect(groupingBy(frame -> frame, counting()));
        return frames.stream()
                .filter(frame -> left.merge(frame, -1L, Long::sum) < 0)
                .toList();
    }

    @Test
    void dropsHaveTheirReason() throws Exception {
        gateway.json("policy", "add", "port", "web", "out", "{name: stop, action: deny, protocol: icmp}");
        Path file = folder.resolve("drops.pcapng");
        try {
            var capture = CompletableFuture.supplyAsync(() -> gateway.command(
                    "capture", "--at", "drops", "--write", file.toString(), "--count", "3", "--seconds", "20"));
            until("the capture has begun", () -> isBegun(file));
            ping(lab.cA(), Lab.INNER_B, 5, 56);
            assertEquals(0, capture.get().exit(), capture::toString);
            PcapngFile.Frame frame = PcapngFile.read(file).getFirst();
            assertEquals("drops", frame.device());
            assertEquals("drop POLICY_DENIED at policy:web.out", frame.comment());
            assertEquals(98, frame.bytes().length);
        } finally {
            gateway.json("policy", "del", "port", "web", "out", "stop");
        }
    }

    @Test
    void tcpdumpReadsThePipe() {
        List<String> capture = Jvm.words(
                Main.class,
                "--socket",
                gateway.socket().toString(),
                "capture",
                "--write",
                "-",
                "--count",
                "8",
                "proto",
                "icmp");
        String line = String.join(" ", capture) + " | tcpdump -n -e -r -";
        try (var pipe = BackgroundProcess.start(List.of("sh", "-c", line));
                var _ = BackgroundProcess.start(lab.cA().words("ping", "-n", "-i", "0.05", Lab.INNER_B))) {
            pipe.awaitLine(LIMIT, "a datagram", text -> text.contains("4789: VXLAN") && text.contains("vni 42"));
            assertEquals(0, pipe.awaitExit(LIMIT), pipe::toString);
            assertTrue(
                    pipe.lines().stream()
                            .anyMatch(text -> text.contains("ICMP echo request") && !text.contains("VXLAN")),
                    pipe::toString);
        }
    }

    @Test
    void aPortIsSeenInBothDirections() {
        try (BackgroundProcess capture = capture("--at", "port", "web", "--count", "200", "proto", "tcp")) {
            capture.awaitLine(LIMIT, "begin of the capture", line -> line.startsWith("capture: at most 200 frames"));
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 3);
            assertEquals(0, capture.awaitExit(LIMIT), capture::toString);
            List<String> lines = capture.lines();
            assertTrue(lines.stream().anyMatch(line -> line.contains(" port web in vni 42: ")), capture::toString);
            assertTrue(lines.stream().anyMatch(line -> line.contains(" port web out vni 42: ")), capture::toString);
            assertEquals("200 frames, 0 missed", lines.getLast());
        }
    }

    /** Its first line, with the file's header, comes before any frame. */
    @Test
    void aFullDiskIsAnError() {
        GatewayProcess.Answer answer = gateway.command("capture", "--write", "/dev/full", "--count", "1");
        assertEquals(1, answer.exit(), answer::toString);
        assertTrue(answer.err().contains("--write /dev/full: No space left on device"), answer::toString);
    }
}
