package dev.peregrine.gateway.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.observe.FrameRecord;
import dev.peregrine.dataplane.observe.FrameRecorder;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.gateway.observe.tap.CapturePoints;
import dev.peregrine.gateway.observe.tap.CaptureTap;
import dev.peregrine.gateway.observe.tap.Places;
import dev.peregrine.gateway.observe.tap.Surroundings;
import dev.peregrine.gateway.observe.tap.TraceEvent;
import dev.peregrine.gateway.observe.tap.TraceTap;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.VxlanHeader;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Taps in a gateway in memory see what comes, goes and ends, on both paths and under every schedule. */
class TapsTest {
    private static final DropReason[] REASONS = DropReason.values();
    private static final int VNI = 42;
    private static final int STEPS = 400;
    private static final long MAC = 0x02_00_00_00_00_00L;
    private static final IpAddress HERE = address("198.18.0.2");
    private static final IpAddress THERE = address("198.18.0.1");
    private static final IpAddress STRANGER = address("198.18.0.9");
    private static final int WORKERS = 2;
    private static final int MOST = 1_000;

    private final List<byte[]> sent = new ArrayList<>();
    private final List<RecordRing> rings = new ArrayList<>();
    private final List<FrameRecorder> recorders = new ArrayList<>();
    private final Places places = new Places();
    private final MemoryNetwork network = new MemoryNetwork();
    private final MemoryGateway gateway = gateway();

    private static IpAddress address(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    private MemoryGateway gateway() {
        network.connect(THERE, datagram -> sent.add(datagram.payload()));
        MemoryGateway made = new MemoryGateway(
                network,
                HERE,
                GatewayShape.of(List.of(new Segment(0, VNI, 1450, false)), List.of(0, 0))
                        .workers(WORKERS)
                        .flows(1024));
        int there = made.addVtep(THERE);
        made.flood(Map.of(0, List.of(there)));
        return made;
    }

    @AfterEach
    void close() {
        gateway.instrument(_ -> Instruments.NONE);
        recorders.forEach(FrameRecorder::close);
        rings.forEach(RecordRing::close);
        assertTrue(gateway.isAtRest(), "packets are left");
        assertEquals(List.of(), gateway.faults());
        gateway.close();
    }

    private Surroundings surroundings() {
        return new Surroundings(gateway.vtep(), () -> gateway.devices().ports());
    }

    private void capture(PacketFilter filter) {
        gateway.instrument(worker -> {
            RecordRing ring = new RecordRing(1 << 24);
            FrameRecorder recorder = new FrameRecorder(ring, 1 << 18, worker);
            rings.add(ring);
            recorders.add(recorder);
            CaptureTap tap = new CaptureTap(recorder, filter, CapturePoints.ALL, surroundings(), places);
            gateway.drops(worker).witnessedBy(tap);
            return tap;
        });
    }

    private void receive(IpAddress from, int vni, int sourcePort, byte[] frame) {
        byte[] datagram = new byte[VxlanHeader.LENGTH + frame.length];
        ByteBuffer.wrap(datagram).putLong(VxlanHeader.of(vni)).put(frame);
        network.send(new Datagram(from, HERE, sourcePort, 0, 64, datagram));
    }

    private static byte[] frame(SplittableRandom random, int host, int other) {
        int from = random.nextInt(1, 4);
        boolean isUdp = random.nextBoolean();
        FrameBuilder builder = isUdp ? FrameBuilder.udp4().id(random.nextInt(1 << 16)) : FrameBuilder.tcp6();
        return builder.macs(random.nextInt(10) == 0 ? (1L << 48) - 1 : MAC + other, MAC + host)
                .ports(from, 7)
                .payload(isUdp && random.nextInt(10) == 0 ? 1440 : 200)
                .build();
    }

    /** By {@code place direction}: the frames, as text, sorted. */
    private Map<String, List<String>> captured() {
        Map<String, List<String>> frames = new TreeMap<>();
        for (RecordRing ring : rings) {
            ring.read(
                    raw -> {
                        FrameRecord record = new FrameRecord(raw);
                        String key = record.reason() < 0
                                ? places.name(record.place()) + " " + record.direction()
                                : REASONS[record.reason()].name();
                        ByteBuffer bytes = record.frame();
                        byte[] copy = new byte[bytes.remaining()];
                        bytes.get(copy);
                        frames.computeIfAbsent(key, _ -> new ArrayList<>()).add(hex(copy));
                    },
                    Integer.MAX_VALUE);
            assertEquals(0, ring.missed());
        }
        frames.values().forEach(list -> list.sort(null));
        return frames;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static List<String> sorted(List<byte[]> frames) {
        return frames.stream().map(TapsTest::hex).sorted().toList();
    }

    /** The first frames that differ are enough to know. */
    private static void same(List<String> expected, @Nullable List<String> actual, String what) {
        List<String> missing = new ArrayList<>(expected);
        List<String> more = new ArrayList<>(actual == null ? List.of() : actual);
        more.removeIf(missing::remove);
        assertEquals(
                List.of(List.of(), List.of()),
                List.of(
                        missing.stream().limit(1).toList(),
                        more.stream().limit(1).toList()),
                () -> what + ": " + missing.size() + " of " + expected.size() + " missing, " + more.size() + " more");
    }

    private static List<Schedule> schedules() {
        return List.of(
                new Schedule.RunToCompletion(),
                new Schedule.Queued(1 << 10),
                Schedule.Pipelined.of(Schedule.Balance.STATIC));
    }

    @SeededTest
    void whatIsCapturedIsWhatCameWhatWentAndWhatEnded() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        List<Schedule> schedules = schedules();
        gateway.schedule(schedules.get(random.nextInt(schedules.size())));
        capture(PacketFilter.ALL);
        List<byte[]> came = new ArrayList<>();
        List<List<byte[]>> fromPorts = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < STEPS; i++) {
            int host = random.nextInt(3);
            byte[] frame = frame(random, host, random.nextInt(4));
            if (host < 2) {
                gateway.endpoint(host).send(frame);
                fromPorts.get(host).add(frame);
            } else {
                boolean isStrange = random.nextInt(20) == 0;
                int vni = random.nextInt(20) == 0 ? VNI + 1 : VNI;
                if (vni != VNI) {
                    gateway.run(); // merged with others it would be ambiguous, and end in front of the coalescer
                }
                receive(isStrange ? STRANGER : THERE, vni, random.nextInt(1, 5), frame);
                if (vni != VNI) {
                    gateway.run();
                }
                byte[] datagram = new byte[VxlanHeader.LENGTH + frame.length];
                ByteBuffer.wrap(datagram).putLong(VxlanHeader.of(vni)).put(frame);
                came.add(datagram);
            }
            if (random.nextInt(4) == 0) {
                gateway.advance(1_000_000);
                gateway.run();
            }
        }
        gateway.run();
        Map<String, List<String>> seen = captured();
        same(sorted(came), seen.get("underlay 1"), seed + " in by the underlay");
        same(sorted(sent), seen.get("underlay 2"), seed + " out by the underlay");
        for (int port = 0; port < 2; port++) {
            String name = "endpoint:port" + port;
            same(sorted(fromPorts.get(port)), seen.get(name + " 1"), seed + " in by port " + port);
            same(sorted(gateway.endpoint(port).received()), seen.get(name + " 2"), seed + " out by port " + port);
        }
        for (DropReason reason : DropReason.values()) {
            assertEquals(
                    gateway.dropped(reason),
                    seen.getOrDefault(reason.name(), List.of()).size(),
                    seed + " " + reason);
        }
        assertTrue(gateway.dropped() > 0, seed + " nothing was dropped");
        assertTrue(
                gateway.fastPath(0).counters().hits()
                                + gateway.fastPath(1).counters().hits()
                        > 0,
                seed + " no hit");
    }

    private List<TracedPacket> trace(Runnable traffic, PacketFilter filter) {
        gateway.instrument(worker -> {
            RecordRing ring = new RecordRing(1 << 20);
            rings.add(ring);
            TraceTap tap = new TraceTap(ring, worker, filter, surroundings(), places, MOST);
            gateway.drops(worker).witnessedBy(tap);
            return tap;
        });
        traffic.run();
        Trails trails = new Trails();
        rings.forEach(ring -> ring.read(bytes -> trails.add(TraceEvent.of(bytes)), Integer.MAX_VALUE));
        GraphNames names =
                new GraphNames(gateway::graph, () -> gateway.devices().ports(), gateway.vteps());
        Traced traced = new Traced(places, names, new WallClock());
        List<TracedPacket> packets = new ArrayList<>();
        trails.settle(Long.MAX_VALUE / 2, events -> packets.add(traced.packet(events)));
        return packets;
    }

    @Test
    void everyPacketThatIsFollowedHasAnEndUnderEverySchedule() {
        for (Schedule schedule : schedules()) {
            gateway.schedule(schedule);
            SplittableRandom random = new SplittableRandom(1);
            List<TracedPacket> packets = trace(
                    () -> {
                        for (int i = 0; i < 60; i++) {
                            receive(THERE, VNI, random.nextInt(1, 5), frame(random, 2, random.nextInt(2)));
                            gateway.endpoint(0).send(frame(random, 0, 2));
                            gateway.run();
                        }
                    },
                    PacketFilter.ALL);
            assertEquals(120, packets.size(), schedule.toString());
            for (TracedPacket packet : packets) {
                assertTrue(
                        List.of("sent", "delivered", "dropped", "answered").contains(packet.result()),
                        schedule + " " + packet);
                assertEquals("arrived", packet.stages().getFirst().verdict(), packet.toString());
            }
            assertTrue(
                    packets.stream().anyMatch(packet -> packet.toString().contains("takes the fast path")),
                    schedule + ": no hit");
        }
    }

    @Test
    void aDropAndAFilterByVni() {
        byte[] frame = FrameBuilder.udp4().macs(MAC + 1, MAC + 2).build();
        PacketFilter filter = new PacketFilter(43, -1, -1, null, null, -1, null, null);
        List<TracedPacket> packets = trace(
                () -> {
                    receive(THERE, 43, 1, frame);
                    gateway.run();
                    receive(THERE, VNI, 1, frame);
                    gateway.run();
                },
                filter);
        assertEquals(1, packets.size(), packets.toString());
        TracedPacket packet = packets.getFirst();
        assertEquals("dropped", packet.result());
        assertEquals("VXLAN_VNI_NOT_FOUND", packet.reason());
        assertEquals("vtep.decap", packet.stages().getLast().stage(), packet.toString());
        assertEquals("198.18.0.1", packet.vtep());
        assertEquals("198.19.0.1:40000 > 198.19.0.2:5201 udp", packet.frame());
        assertEquals(3, packet.stages().size(), packet.toString());
    }

    @Test
    void tooManyAtOnceAreCounted() {
        byte[] frame = FrameBuilder.udp4().macs(MAC + 1, MAC + 2).build();
        List<TracedPacket> packets = trace(
                () -> {
                    for (int i = 0; i < 5_000; i++) {
                        gateway.endpoint(0).send(frame);
                    }
                    gateway.run();
                },
                PacketFilter.ALL);
        long missed = rings.stream().mapToLong(RecordRing::missed).sum();
        assertTrue(packets.size() + missed >= 5_000, packets.size() + " packets, " + missed + " missed");
        assertTrue(missed > 0 && !packets.isEmpty(), packets.size() + " packets, " + missed + " missed");
    }

    @Test
    void withoutTapsNothingIsMarkedOrWritten() {
        capture(PacketFilter.ALL);
        gateway.instrument(_ -> Instruments.NONE);
        for (int worker = 0; worker < WORKERS; worker++) {
            gateway.drops(worker).witnessedBy(null);
        }
        receive(STRANGER, VNI, 1, FrameBuilder.udp4().build());
        gateway.run();
        assertEquals(1, gateway.dropped());
        assertEquals(Map.of(), captured());
        assertTrue(Arrays.stream(DropReason.values()).anyMatch(reason -> gateway.dropped(reason) == 1));
    }
}
