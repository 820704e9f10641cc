package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A sender of packets that the flow cache was not made for gets none past policy, and makes no memory grow. */
class AdversaryTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;
    private static final int CLIENT = 0;
    private static final int SERVER = 1;
    private static final int CAPACITY = 1024;
    private static final int SERVICE = 5000;
    private static final long SECOND = 1_000_000_000L;

    /** {@code -Dperegrine.flood.flows=10000000} takes some minutes. */
    private static final int FLOWS = Integer.getInteger("peregrine.flood.flows", 200_000);

    private final List<MemoryGateway> made = new ArrayList<>();
    private final MemoryGateway gateway = gateway();

    private MemoryGateway gateway() {
        MemoryGateway fresh = new MemoryGateway(
                new MemoryNetwork(),
                World.address(0),
                GatewayShape.of(List.of(new Segment(0, 42, 1450, false)), List.of(0, 0))
                        .flows(CAPACITY));
        fresh.fdb().add(0, A, CLIENT, true, 0);
        fresh.fdb().add(0, B, SERVER, true, 0);
        made.add(fresh);
        return fresh;
    }

    @AfterEach
    void close() {
        made.forEach(MemoryGateway::close);
    }

    /** The server takes only what a rule lets begin, and may only answer. */
    private static void protect(MemoryGateway gateway, Match allowed) {
        RuleList out = RuleList.of(List.of(Rule.of("service", Action.ALLOW, allowed)), false, 1, null, 0);
        RuleList in = RuleList.of(List.of(), false, 1, null, 0);
        gateway.policy()
                .publish(PolicySnapshot.EMPTY.withPort(
                        SERVER, new ScopePolicy(in, out, null, null, null, null, new Hits(1))));
    }

    private static Match to(int protocol, int tcpFlagsMask, int tcpFlags) {
        return new Match(
                protocol,
                null,
                null,
                Match.ANY,
                Match.ANY,
                List.of(),
                List.of(Range.of(SERVICE)),
                null,
                null,
                tcpFlagsMask,
                tcpFlags);
    }

    private FlowCounters counters() {
        return gateway.fastPath().counters();
    }

    private static int send(MemoryGateway gateway, int from, byte[] frame) {
        gateway.endpoint(from).send(frame);
        gateway.run();
        return gateway.endpoint(1 - from).received().size();
    }

    private static FrameBuilder request() {
        return FrameBuilder.udp4()
                .macs(B, A)
                .addresses("10.0.0.1", "10.0.0.2")
                .ports(4000, SERVICE)
                .payload(30);
    }

    private static byte[] tcp(int from, int flags) {
        boolean client = from == CLIENT;
        return FrameBuilder.tcp4()
                .macs(client ? B : A, client ? A : B)
                .addresses(client ? "10.0.0.1" : "10.0.0.2", client ? "10.0.0.2" : "10.0.0.1")
                .ports(client ? 4000 : SERVICE, client ? SERVICE : 4000)
                .flags(flags)
                .payload(10)
                .build();
    }

    /** Enough packets for the next trial to begin. */
    private static final int AFTERWARDS = 200_000;

    @Test
    void flowsOfOnePacketLeaveTheCacheToOthers() {
        byte[] frame = request().build();
        byte[] busy = request().ports(4001, SERVICE).build();
        int rounds = 0;
        for (int flow = 0; flow < FLOWS; flow++) {
            frame[14 + 12] = (byte) (11 + (flow >>> 24));
            frame[14 + 13] = (byte) (flow >>> 16);
            frame[14 + 14] = (byte) (flow >>> 8);
            frame[14 + 15] = (byte) flow;
            gateway.endpoint(CLIENT).send(frame.clone());
            if (flow % 256 == 0) {
                gateway.run();
                gateway.endpoint(SERVER).received();
                assertEquals(1, send(gateway, CLIENT, busy));
                rounds++;
            }
        }
        gateway.run();
        gateway.endpoint(SERVER).received();
        long found = counters().hits();
        assertTrue(found > rounds / 64, "trials go on, and find the flow: " + found);
        for (int i = 0; i < AFTERWARDS; i++) {
            assertEquals(1, send(gateway, CLIENT, busy));
        }
        long again = counters().hits();
        assertEquals(1, send(gateway, CLIENT, busy));
        assertEquals(again + 1, counters().hits(), "after the flood every packet is looked up again");
        assertTrue(counters().entries() <= CAPACITY);
        assertTrue(counters().inserts() < FLOWS / 500 + 10, () -> counters().inserts() + " were let in");
        assertTrue(gateway.pool().isFull());
    }

    @RepeatedTest(3)
    void flowsWhoseHashesMeetArriveWholeAndInOrder() {
        Gen gen = Gen.ofThisRun();
        List<FrameBuilder> flows = new ArrayList<>();
        try (PacketPool pool = new PacketPool(1, 1)) {
            while (flows.size() < 32) {
                FrameBuilder flow = request().ports(gen.below(60_000), gen.below(60_000));
                Packet packet = Packets.frame(pool, flow.build());
                if ((packet.flowHash() & 0x1ff) == 0x155) { // one bit of the filter that keeps batches in order
                    flows.add(flow);
                }
                pool.release(packet);
            }
        }
        for (int round = 0; round < 100; round++) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                byte[] frame = flows.get(gen.below(flows.size()))
                        .payload(new byte[] {(byte) round, (byte) i})
                        .build();
                sent.add(frame);
                gateway.endpoint(CLIENT).send(frame);
            }
            gateway.run();
            List<byte[]> received = gateway.endpoint(SERVER).received();
            assertEquals(sent.size(), received.size());
            for (FrameBuilder flow : flows) {
                byte[] ports = Arrays.copyOfRange(flow.build(), 34, 38);
                assertArrayEquals(of(sent, ports).toArray(), of(received, ports).toArray(), gen::toString);
            }
        }
        assertTrue(counters().hits() > 0);
    }

    private static List<byte[]> of(List<byte[]> frames, byte[] ports) {
        return frames.stream()
                .filter(frame -> Arrays.equals(Arrays.copyOfRange(frame, 34, 38), ports))
                .toList();
    }

    @RepeatedTest(5)
    void fragmentsOptionsAndDamagedHeadersOfAKnownFlowGetNoFurtherThanWithoutACache() {
        Gen gen = Gen.ofThisRun();
        MemoryGateway without = gateway();
        without.fastPathSwitch().turn(false);
        protect(gateway, to(IpProtocol.UDP, 0, 0));
        protect(without, to(IpProtocol.UDP, 0, 0));
        int bad = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] frame = gen.oneIn(2) ? request().build() : hostile(gen);
            gateway.endpoint(CLIENT).send(frame);
            without.endpoint(CLIENT).send(frame);
            gateway.run();
            without.run();
            List<byte[]> expected = without.endpoint(SERVER).received();
            List<byte[]> received = gateway.endpoint(SERVER).received();
            assertArrayEquals(expected.toArray(), received.toArray(), gen + ", packet " + i);
            bad += expected.isEmpty() ? 1 : 0;
            gateway.advance(SECOND / 100);
            without.advance(SECOND / 100);
        }
        for (DropReason reason : DropReason.values()) {
            assertEquals(without.dropped(reason), gateway.dropped(reason), gen + ", " + reason);
        }
        assertTrue(counters().hits() > 1000, () -> gen + ": " + counters().hits() + " hits");
        assertTrue(bad > 300, "only " + bad + " were bad");
        assertTrue(counters().entries() < 10, () -> gen + ": " + counters().entries() + " entries");
    }

    /** Something with the addresses and ports of the flow that is let pass. */
    private static byte[] hostile(Gen gen) {
        FrameBuilder flow = request();
        return switch (gen.below(7)) {
            case 0 -> flow.fragmentBits(0x2000).build();
            case 1 -> flow.fragmentBits(1 + gen.below(0x1fff)).build();
            case 2 -> flow.ipOptions(new byte[] {1, 1, 1, 1}).build();
            case 3 -> Arrays.copyOf(flow.build(), gen.below(60));
            case 4 -> gen.damaged(flow.build());
            case 5 -> tcp(CLIENT, gen.below(256));
            default -> flow.ports(4000, gen.below(SERVICE)).build();
        };
    }

    @Test
    void tcpWithoutAHandshakeDoesNotPassWhereARuleAsksForOne() {
        protect(gateway, to(IpProtocol.TCP, TcpHeader.SYN | TcpHeader.ACK, TcpHeader.SYN));
        for (int i = 0; i < 100; i++) {
            assertEquals(0, send(gateway, CLIENT, tcp(CLIENT, TcpHeader.ACK)));
            assertEquals(0, send(gateway, SERVER, tcp(SERVER, TcpHeader.ACK)));
        }
        assertEquals(0, counters().entries());
    }

    /** A handshake, and packets both ways until they take the fast path. */
    private void connect() {
        protect(gateway, to(IpProtocol.TCP, TcpHeader.SYN | TcpHeader.ACK, TcpHeader.SYN));
        assertEquals(1, send(gateway, CLIENT, tcp(CLIENT, TcpHeader.SYN)));
        assertEquals(1, send(gateway, SERVER, tcp(SERVER, TcpHeader.SYN | TcpHeader.ACK)));
        long before = counters().hits();
        for (int i = 0; i < 10; i++) {
            assertEquals(1, send(gateway, CLIENT, tcp(CLIENT, TcpHeader.ACK)));
            assertEquals(1, send(gateway, SERVER, tcp(SERVER, TcpHeader.ACK | TcpHeader.PSH)));
        }
        assertTrue(counters().hits() >= before + 14, () -> counters().hits() + " hits");
    }

    private void assertOver(String why) {
        long before = counters().hits();
        for (int i = 0; i < 3; i++) {
            assertEquals(0, send(gateway, CLIENT, tcp(CLIENT, TcpHeader.ACK)), why);
            assertEquals(0, send(gateway, SERVER, tcp(SERVER, TcpHeader.ACK)), why);
        }
        assertEquals(before, counters().hits());
    }

    @Test
    void aResetEndsAFlowInTheCache() {
        connect();
        assertEquals(1, send(gateway, SERVER, tcp(SERVER, TcpHeader.RST)));
        assertOver("after a reset");
    }

    /** Packets on the fast path are followed all the same, or the true reset would be taken for a blind one. */
    @Test
    void aBlindResetDoesNotEndAFlowInTheCacheAndATrueOneDoes() {
        connect();
        int next = 1;
        for (int i = 0; i < 1000; i++) {
            assertEquals(1, send(gateway, SERVER, data(next)));
            next += 1000;
            assertEquals(1, send(gateway, CLIENT, answer(next)));
        }
        for (int away : new int[] {-1_000_000, 1_000_000, 1 << 30}) {
            assertEquals(1, send(gateway, SERVER, reset(next + away)));
            assertEquals(1, send(gateway, SERVER, data(next)));
            next += 1000;
            assertEquals(1, send(gateway, CLIENT, answer(next)));
        }
        assertEquals(1, send(gateway, SERVER, reset(next)));
        assertOver("after the true reset");
    }

    private static byte[] data(int sequence) {
        return server(sequence).flags(TcpHeader.ACK).payload(1000).build();
    }

    private static byte[] answer(int acknowledgment) {
        return FrameBuilder.tcp4()
                .macs(B, A)
                .addresses("10.0.0.1", "10.0.0.2")
                .ports(4000, SERVICE)
                .window(65_535)
                .sequence(11)
                .acknowledgment(acknowledgment)
                .flags(TcpHeader.ACK)
                .build();
    }

    private static byte[] reset(int sequence) {
        return server(sequence).flags(TcpHeader.RST).build();
    }

    private static FrameBuilder server(int sequence) {
        return FrameBuilder.tcp4()
                .macs(A, B)
                .addresses("10.0.0.2", "10.0.0.1")
                .ports(SERVICE, 4000)
                .window(65_535)
                .sequence(sequence);
    }

    @Test
    void forgottenStatesEndFlowsInTheCache() {
        connect();
        assertEquals(1, gateway.policy().states().flows().flush(flow -> true, gateway.nowNanos()));
        assertOver("after states were flushed");
    }

    @Test
    void silenceEndsAFlowInTheCache() {
        connect();
        gateway.advance(100_000 * SECOND);
        assertOver("after a day's silence");
    }

    @Test
    void aNewRuleEndsFlowsThatStatesDoNotProtect() {
        protect(gateway, to(IpProtocol.UDP, 0, 0));
        for (int i = 0; i < 5; i++) {
            assertEquals(1, send(gateway, CLIENT, request().build()));
        }
        assertTrue(counters().hits() > 0);
        RuleList none = RuleList.of(List.of(), false, 1, null, 0);
        gateway.policy().publish(PolicySnapshot.EMPTY.withPort(SERVER, ScopePolicy.of(none, none)));
        assertEquals(0, send(gateway, CLIENT, request().build()));
    }
}
