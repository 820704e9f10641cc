package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.traffic.BridgeWorld;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flooding, forwarding, TTL, TOS, ECN, learning and ageing between two local ports and two VTEPs of the kernel's. */
@Conformance("kernel vxlan_bridge_1d.sh")
class VxlanBridgeTest {
    @Nested
    class Ipv4 extends Cases {
        Ipv4() {
            super(Underlay.IPV4_WIRE, 4789, "rfc6040");
        }
    }

    @Nested
    @Tag("long")
    class Ipv6 extends Cases {
        Ipv6() {
            super(Underlay.IPV6_WIRE, 4789, "rfc6040");
        }
    }

    /** Also with the ECN of the kernel's encap. */
    @Nested
    @Tag("long")
    class Port8472 extends Cases {
        Port8472() {
            super(Underlay.IPV4_WIRE, 8472, "rfc3168");
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Cases {
        private static final Duration LIMIT = Duration.ofSeconds(20);
        private static final int COUNT = 10;
        private static final int TTL = 100;
        private static final int CE = 3;
        private static final int ECT_0 = 2;
        private static final int DROPPED = -1;
        private static final long BROADCAST = 0xffff_ffff_ffffL;
        private static final long UNKNOWN = 0x02de_adbe_ef37L;
        private static final long LEARNED = 0x0200_0000_00aaL;
        private static final long MAC_B = 0x0200_0000_0002L;
        private static final AtomicInteger MARKS = new AtomicInteger();

        private final BridgeWorld world;
        private final GatewayProcess gateway;
        private final boolean rfc3168;

        Cases(Underlay underlay, int port, String ecn) {
            world = new BridgeWorld(underlay, port, ", ttl: " + TTL + ", dscp: inherit, ecn: " + ecn);
            gateway = world.gateway;
            rfc3168 = ecn.equals("rfc3168");
        }

        @AfterAll
        void close() {
            world.close();
        }

        @BeforeEach
        void forget() {
            world.forget();
        }

        /** A payload that no other frame has. */
        private static byte[] mark() {
            byte[] mark = new byte[20];
            Reference.setInt(mark, 12, 0x7e57_7e57);
            Reference.setInt(mark, 16, MARKS.incrementAndGet());
            return mark;
        }

        private static byte[] frame(long destination, long source, byte[] mark) {
            return FrameBuilder.udp4().macs(destination, source).payload(mark).build();
        }

        /** Frames with a mark that the sinks A, C, D and the sender have, once a later broadcast has reached all. */
        private String counts(byte[] mark) {
            byte[] last = mark();
            world.atB.send(frame(BROADCAST, MAC_B, last));
            Predicate<byte[]> isLast = FrameSocket.endsWith(last);
            for (FrameSocket sink : List.of(world.atA, world.atC, world.atD)) sink.await(isLast, 1);
            Predicate<byte[]> marked = FrameSocket.endsWith(mark);
            return "A %d, C %d, D %d, back %d"
                    .formatted(
                            world.atA.received(marked).size(),
                            world.atC.received(marked).size(),
                            world.atD.received(marked).size(),
                            world.atB.received(marked).size());
        }

        private String countsOfTen(long destination) {
            byte[] mark = mark();
            for (int i = 0; i < COUNT; i++) world.atB.send(frame(destination, MAC_B, mark));
            return counts(mark);
        }

        @ParameterizedTest
        @ValueSource(strings = {BridgeWorld.INNER6_D, Lab.INNER6_A, BridgeWorld.INNER6_C})
        @DisplayName("ping local and both remotes (inner IPv6)")
        void pings(String address) {
            Ping.loses0(world.lab.cB(), address, COUNT, 56);
        }

        @ParameterizedTest
        @ValueSource(strings = {"198.19.0.4", Lab.INNER_A, "198.19.0.3"})
        @DisplayName("ping local and both remotes (inner IPv4)")
        void pingsOverIpv4(String address) {
            Ping.loses0(world.lab.cB(), address, COUNT, 56);
        }

        @Test
        @DisplayName("flood: 10 frames for an unknown MAC, exactly 10 at each sink")
        void floodsToEachSinkOnce() {
            assertEquals("A 10, C 10, D 10, back 0", countsOfTen(UNKNOWN));
            assertEquals("A 10, C 10, D 10, back 0", countsOfTen(BROADCAST));
            assertEquals("A 10, C 10, D 10, back 0", countsOfTen(0x0100_5e00_0001L));
        }

        @Test
        @DisplayName("unicast: hits its sink only, local and remote")
        void unicastHitsItsSinkOnly() {
            add("02:00:00:00:00:a1", "vtep", world.lab.vtepA());
            add("02:00:00:00:00:a3", "vtep", world.vtepC);
            add("02:00:00:00:00:a4", "port", "second");
            assertEquals("A 10, C 0, D 0, back 0", countsOfTen(0x0200_0000_00a1L));
            assertEquals("A 0, C 10, D 0, back 0", countsOfTen(0x0200_0000_00a3L));
            assertEquals("A 0, C 0, D 10, back 0", countsOfTen(0x0200_0000_00a4L));
        }

        private void add(String mac, String where, String name) {
            gateway.done("fdb", "add", mac, "vni", "" + Lab.VNI, where, name, "static");
        }

        @Test
        @DisplayName("TTL: 100 at the first hop, 99 behind a router")
        void ttlIsAsConfigured() {
            byte[] mark = mark();
            world.atB.send(frame(BROADCAST, MAC_B, mark));
            int port = portOf(world.remote.await(FrameSocket.endsWith(mark), 1).getFirst());
            assertEquals(
                    TTL,
                    world.remote.received(FrameSocket.endsWith(mark)).getFirst().ttl());
            List<byte[]> beyond = world.beyondRouter.await(FrameSocket.endsWith(mark), 1);
            assertEquals(
                    TTL - 1,
                    VxlanDatagram.of(beyond.getFirst(), port).orElseThrow().ttl());
        }

        private static int portOf(VxlanDatagram datagram) {
            return Reference.getShort(datagram.frame(), datagram.udp() + 2);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x14, 0x18, 0x00, 0xfc})
        @DisplayName("TOS inherited at encap")
        void tosIsInherited(int tos) {
            assertEquals(tos, outerTos(tos));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3})
        @DisplayName("ECN at encap")
        void ecnIsCopied(int ecn) {
            assertEquals(rfc3168 && ecn == CE ? ECT_0 : ecn, outerTos(ecn));
        }

        private int outerTos(int innerTos) {
            byte[] mark = mark();
            world.atB.send(FrameBuilder.udp4()
                    .macs(BROADCAST, MAC_B)
                    .tos(innerTos)
                    .payload(mark)
                    .build());
            return world.remote.await(FrameSocket.endsWith(mark), 1).getFirst().tos();
        }

        /** A row of RFC 6040 figure 4: outer, inner, and what the inner field is afterwards. */
        @ParameterizedTest
        @CsvSource({
            "0,0,0", "1,0,0", "2,0,0", "3,0,-1", "0,1,1", "1,1,1", "2,1,1", "3,1,3", "0,2,2", "1,2,1", "2,2,2", "3,2,3",
            "0,3,3", "1,3,3", "2,3,3", "3,3,3"
        })
        @DisplayName("ECN at decap")
        void ecnIsPassedOnAtDecap(int outer, int inner, int expected) {
            Map<String, Long> before = gateway.drops();
            for (boolean ipv6 : new boolean[] {false, true}) {
                byte[] mark = mark();
                byte[] last = mark();
                FrameBuilder builder = ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
                receive(outer, builder.tos(0xb8 | inner).payload(mark).build());
                receive(0, FrameBuilder.udp4().payload(last).build());
                world.atB.await(FrameSocket.endsWith(last), 1);
                List<Integer> seen = world.atB.received(FrameSocket.endsWith(mark)).stream()
                        .map(VxlanDatagram::tos)
                        .toList();
                assertEquals(expected == DROPPED ? List.of() : List.of(0xb8 | expected), seen);
            }
            long drops = gateway.dropsSince(before).getOrDefault("IP_TUNNEL_ECN", 0L);
            assertEquals(expected == DROPPED ? 2 : 0, drops);
        }

        private void receive(int outerTos, byte[] inner) {
            world.remote.send(world.lab.vtepA(), outerTos, VxlanDatagram.CLEAN_FLAGS, Lab.VNI, inner);
        }

        private boolean knows(String mac) {
            for (JsonNode entry : gateway.json("fdb", "list"))
                if (entry.path("mac").asText().equals(mac)) return true;
            return false;
        }

        /**
         * Has the kernel's VTEP on host A carry frames from a MAC until the gateway has learned it: a worker does not
         * report one again that it has just reported, though an entry was deleted meanwhile.
         */
        private void learn(String mac) {
            Await.until(
                    LIMIT,
                    mac + " is learned",
                    () -> {
                        byte[] mark = mark();
                        world.atA.send(frame(MAC_B, LEARNED, mark));
                        world.atB.await(FrameSocket.endsWith(mark), 1);
                        return knows(mac);
                    },
                    () -> gateway.json("fdb", "list"));
        }

        @Test
        @DisplayName("FDB: learn, show, delete, relearn, age although forwarded to")
        void learnsForgetsAndAges() {
            String mac = "02:00:00:00:00:aa";
            learn(mac);
            JsonNode entry = gateway.row("fdb", "mac", mac);
            assertEquals(world.lab.vtepA(), entry.path("vtep").asText());
            assertEquals("A 10, C 0, D 0, back 0", countsOfTen(LEARNED));
            gateway.done("fdb", "del", mac, "vni", "" + Lab.VNI);
            assertEquals("A 10, C 10, D 10, back 0", countsOfTen(LEARNED));
            learn(mac);
            assertEquals("A 10, C 0, D 0, back 0", countsOfTen(LEARNED));
            Await.until(
                    LIMIT,
                    "the entry ages, though frames go to it",
                    () -> {
                        world.atB.send(frame(LEARNED, MAC_B, mark()));
                        return !knows(mac);
                    },
                    () -> gateway.row("fdb", "mac", mac));
            assertEquals("A 10, C 10, D 10, back 0", countsOfTen(LEARNED));
        }

        @Test
        @DisplayName("learning off: delivered, not learned")
        void learnsNothingWhereLearningIsOff() {
            byte[] mark = mark();
            byte[] frame = frame(BROADCAST, 0x0200_0000_00bbL, mark);
            world.remote.send(world.lab.vtepA(), 0, VxlanDatagram.CLEAN_FLAGS, BridgeWorld.UNLEARNING_VNI, frame);
            world.atE.await(FrameSocket.endsWith(mark), 1);
            learn("02:00:00:00:00:aa"); // what was to be learned before has been
            assertTrue(
                    !knows("02:00:00:00:00:bb"),
                    () -> gateway.json("fdb", "list").toString());
        }
    }
}
