package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PolicyStageTest {
    private static final int SEGMENT = 1;
    private static final int PASS = Verdict.forward(0);
    private static final int DENIED = Verdict.drop(DropReason.POLICY_DENIED);
    private static final int DEFAULT = Verdict.drop(DropReason.POLICY_DEFAULT);
    private static final int UNREADABLE = Verdict.drop(DropReason.POLICY_UNREADABLE);
    private static final int WORKER = 0;

    private final PacketPool pool = new PacketPool(8, 8);
    private final Fdb fdb = new Fdb(16);
    private final Policy policy = new Policy(1, fdb, new FlowStates(64, FlowTimeouts.DEFAULT, false));
    private final Port port = new Port(3, "web", SEGMENT, false, 1500);
    private final Stage in = policy.in(WORKER, port);
    private final Stage out = policy.out(WORKER, port);
    private final Stage tunnelIn = policy.inFromTunnel(WORKER);

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was lost");
        pool.close();
    }

    @Test
    void isIdleWhileNeitherItsPortNorItsSegmentHasRules() {
        publish(PolicySnapshot.EMPTY.withPort(4, ScopePolicy.of(denyAll(), denyAll())));
        assertTrue(in.isIdle());
        assertTrue(out.isIdle());
        assertTrue(tunnelIn.isIdle());
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(denyAll(), null)));
        assertFalse(in.isIdle());
        assertTrue(out.isIdle());
        assertTrue(tunnelIn.isIdle());
        publish(PolicySnapshot.EMPTY.withSegment(SEGMENT, ScopePolicy.of(denyAll(), null)));
        assertFalse(in.isIdle());
        assertFalse(tunnelIn.isIdle());
        publish(PolicySnapshot.EMPTY.withSegment(SEGMENT + 1, ScopePolicy.of(denyAll(), null)));
        assertTrue(in.isIdle());
    }

    @Test
    void frameMustPassTheRulesOfItsPortAndOfItsSegment() {
        RuleList allowTcp = list(false, allow("tcp", IpProtocol.TCP, 0));
        RuleList denySsh = list(true, deny("ssh", IpProtocol.TCP, 22));
        publish(PolicySnapshot.EMPTY
                .withPort(3, ScopePolicy.of(allowTcp, null))
                .withSegment(SEGMENT, ScopePolicy.of(denySsh, null)));
        assertEquals(PASS, verdict(in, FrameBuilder.tcp4().ports(1, 80)));
        assertEquals(DENIED, verdict(in, FrameBuilder.tcp4().ports(1, 22)));
        assertEquals(DEFAULT, verdict(in, FrameBuilder.udp4().ports(1, 80)));
        assertEquals(PASS, verdict(tunnelIn, FrameBuilder.udp4().ports(1, 80)), "not from the port");
    }

    @Test
    void otherDirectionHasRulesOfItsOwn() {
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(null, denyAll())));
        assertTrue(in.isIdle());
        assertEquals(DENIED, verdict(out, FrameBuilder.udp4()));
    }

    @Test
    void worksByTheSnapshotOfTheBatchUntilTheNextOne() {
        policy.publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(denyAll(), denyAll())));
        assertTrue(in.isIdle(), "not taken yet");
        policy.refresh(WORKER);
        assertEquals(DENIED, verdict(in, FrameBuilder.udp4()));
        policy.publish(PolicySnapshot.EMPTY);
        assertEquals(DENIED, verdict(out, FrameBuilder.udp4()), "the batch is still under way");
        policy.refresh(WORKER);
        assertTrue(out.isIdle());
    }

    @Test
    void superframesCountAsTheirSegments() {
        RuleList rules = list(true, allow("udp", IpProtocol.UDP, 0));
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(rules, null)));
        Packet packet = Packets.frame(pool, FrameBuilder.udp4().payload(1000).build());
        packet.cut(42, 100);
        assertEquals(PASS, verdict(in, packet));
        assertEquals(10, rules.entry(0).hits().packets());
        assertEquals(1000 + 10 * 42, rules.entry(0).hits().bytes());
        assertEquals(PASS, verdict(in, FrameBuilder.tcp4()));
        assertEquals(1, rules.defaultHits().packets());
    }

    @Test
    void countsOutliveChangesOfOtherRules() {
        RuleList rules = list(true, allow("udp", IpProtocol.UDP, 0));
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(rules, null)));
        assertEquals(PASS, verdict(in, FrameBuilder.udp4()));
        RuleList more = rules.with(0, deny("ssh", IpProtocol.TCP, 22), 0);
        RuleList again = RuleList.of(List.of(rules.entry(0).rule()), false, 1, more, 0);
        assertEquals(1, more.entry(1).hits().packets());
        assertEquals(1, again.entry(0).hits().packets());
        assertEquals(0, again.defaultHits().packets());
        assertEquals(1, more.without(0).entry(0).hits().packets());
    }

    @Test
    void laterFragmentsMeetOnlyRulesWithoutPorts() {
        RuleList rules = list(false, allow("web", IpProtocol.TCP, 80));
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(rules, null)));
        assertEquals(PASS, verdict(in, FrameBuilder.tcp4().ports(1, 80).fragmentBits(0x2000)), "the first");
        assertEquals(DEFAULT, verdict(in, FrameBuilder.tcp4().ports(1, 80).fragmentBits(3)));
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(list(false, allow("tcp", IpProtocol.TCP, 0)), null)));
        assertEquals(PASS, verdict(in, FrameBuilder.tcp4().fragmentBits(3)));
    }

    @Test
    void fragmentThatOverlapsTheTcpHeaderDoesNotPass() {
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(list(true, deny("ssh", IpProtocol.TCP, 22)), null)));
        assertEquals(UNREADABLE, verdict(in, FrameBuilder.tcp4().fragmentBits(1)));
        assertEquals(UNREADABLE, verdict(in, FrameBuilder.tcp4().fragmentBits(2)));
        assertEquals(PASS, verdict(in, FrameBuilder.udp4().payload(8).fragmentBits(1)));
    }

    @Test
    void whatCannotBeReadDoesNotPassEvenIfTheDefaultIsToAllow() {
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(list(true, deny("ssh", IpProtocol.TCP, 22)), null)));
        byte[] tiny = FrameBuilder.ip(IpProtocol.TCP, "10.0.0.1", "10.0.0.2").build();
        tiny = Arrays.copyOf(tiny, 14 + 20 + 8); // ports, but not flags
        tiny[17] = 28;
        assertEquals(UNREADABLE, verdict(in, Packets.frame(pool, tiny)));
        byte[] wrongVersion = FrameBuilder.udp4().build();
        wrongVersion[14] = 0x65;
        assertEquals(UNREADABLE, verdict(in, Packets.frame(pool, wrongVersion)));
        byte[] hidden = FrameBuilder.tcp6()
                .extensions(IpProtocol.HOP_BY_HOP, new byte[8 * 9])
                .build();
        assertEquals(UNREADABLE, verdict(in, Packets.frame(pool, hidden)));
        FrameBuilder threeTags =
                FrameBuilder.udp4().tag(0x88a8, 1).tag(0x8100, 2).tag(0x8100, 3);
        assertEquals(UNREADABLE, verdict(in, threeTags));
        assertEquals(PASS, verdict(in, FrameBuilder.udp4().tag(0x8100, 2)));
    }

    @Test
    void rateLimitDropsWhatIsOverIt() {
        Rule slow = new Rule("slow", Action.LIMIT, Match.ALL, 64, 0, Duration.ofSeconds(1), 0);
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(list(true, slow), null)));
        for (int i = 0; i < 64; i++) {
            assertEquals(PASS, verdict(in, FrameBuilder.udp4()), "packet " + i);
        }
        assertEquals(Verdict.drop(DropReason.RATE_LIMIT), verdict(in, FrameBuilder.udp4()));
    }

    @Test
    void logsTheFirstFrameAndThenOneOfSoMany() {
        Rule noisy = new Rule("noisy", Action.DENY, Match.ALL, 0, 0, TokenBucket.DEFAULT_BURST, 10);
        publish(PolicySnapshot.EMPTY.withPort(3, ScopePolicy.of(list(true, noisy), null)));
        for (int i = 0; i < 25; i++) {
            verdict(in, FrameBuilder.udp4());
        }
        List<String> lines = new ArrayList<>();
        policy.log(WORKER).drain(line -> lines.add(line.rule().name() + " " + line.passed() + " " + line.port()));
        assertEquals(List.of("noisy false 3", "noisy false 3", "noisy false 3"), lines);
        for (int i = 0; i < 10 * RuleLog.CAPACITY + 50; i++) {
            verdict(in, FrameBuilder.udp4());
        }
        assertEquals(5, policy.log(WORKER).lost());
    }

    @Test
    void repliesPassWithoutARuleAndOnlyThey() {
        publish(PolicySnapshot.EMPTY.withPort(3, tracking(list(false, allow("any", Match.ANY, 0)), list(false))));
        assertEquals(DEFAULT, verdict(out, udp("10.0.0.2", 53, "10.0.0.1", 4000)));
        assertEquals(PASS, verdict(in, udp("10.0.0.1", 4000, "10.0.0.2", 53)));
        assertEquals(PASS, verdict(out, udp("10.0.0.2", 53, "10.0.0.1", 4000)));
        assertEquals(DEFAULT, verdict(out, udp("10.0.0.2", 54, "10.0.0.1", 4000)));
    }

    @Test
    void segmentsLetNothingLeaveBecauseItWasLetEnter() {
        publish(PolicySnapshot.EMPTY.withSegment(
                SEGMENT, tracking(list(false, allow("any", Match.ANY, 0)), list(false))));
        assertEquals(PASS, verdict(in, udp("10.0.0.1", 4000, "10.0.0.2", 53)));
        assertEquals(DEFAULT, verdict(out, udp("10.0.0.1", 4000, "10.0.0.2", 53)));
    }

    @Test
    void flowIsRememberedOnlyWhenBothScopesLetItPass() {
        ScopePolicy open = tracking(list(false, allow("any", Match.ANY, 0)), list(false));
        publish(PolicySnapshot.EMPTY.withPort(3, open).withSegment(SEGMENT, ScopePolicy.of(denyAll(), null)));
        assertEquals(DENIED, verdict(in, udp("10.0.0.1", 4000, "10.0.0.2", 53)));
        assertEquals(DEFAULT, verdict(out, udp("10.0.0.2", 53, "10.0.0.1", 4000)));
    }

    @Test
    void stormControlKnowsUnicastThatWillBeFlooded() {
        StormControl storm = new StormControl(null, TokenBucket.of(1, 0, Duration.ofSeconds(64), 0), null);
        fdb.configure(SEGMENT, 8, 0);
        fdb.learn(SEGMENT, 2, 7, 0);
        publish(PolicySnapshot.EMPTY.withPort(3, new ScopePolicy(null, null, null, storm, null, null, null)));
        int flood = 0;
        int passed = 0;
        for (int i = 0; i < 100; i++) {
            passed += verdict(in, FrameBuilder.udp4().macs(2, 4)) == PASS ? 1 : 0;
            flood += verdict(in, FrameBuilder.udp4().macs(8, 4)) == PASS ? 1 : 0;
        }
        assertEquals(100, passed);
        assertEquals(64, flood, "the burst");
    }

    @Test
    void spoofedFramesDoNotPass() {
        SourceGuard guard = SourceGuard.builder().mac(4).ipv4(0x0a000001, 32).build();
        publish(PolicySnapshot.EMPTY.withPort(3, new ScopePolicy(null, null, guard, null, null, null, null)));
        assertEquals(PASS, verdict(in, FrameBuilder.udp4().macs(2, 4).addresses("10.0.0.1", "10.0.0.9")));
        assertEquals(
                Verdict.drop(DropReason.SPOOFED_SOURCE_ADDRESS),
                verdict(in, FrameBuilder.udp4().macs(2, 4).addresses("10.0.0.2", "10.0.0.9")));
        assertEquals(
                Verdict.drop(DropReason.SPOOFED_SOURCE_MAC),
                verdict(in, FrameBuilder.udp4().macs(2, 6).addresses("10.0.0.1", "10.0.0.9")));
    }

    @Test
    void limitsOfEachDirectionCount() {
        TokenBucket limit = TokenBucket.of(64, 0, Duration.ofSeconds(1), 0);
        publish(PolicySnapshot.EMPTY.withPort(3, new ScopePolicy(null, null, null, null, null, limit, null)));
        assertTrue(in.isIdle());
        for (int i = 0; i < 64; i++) {
            assertEquals(PASS, verdict(out, FrameBuilder.udp4()), "packet " + i);
        }
        assertEquals(Verdict.drop(DropReason.RATE_LIMIT), verdict(out, FrameBuilder.udp4()));
    }

    private static ScopePolicy tracking(RuleList in, RuleList out) {
        return new ScopePolicy(in, out, null, null, null, null, new Hits(1));
    }

    private static FrameBuilder udp(String source, int sourcePort, String destination, int destinationPort) {
        return FrameBuilder.udp4().addresses(source, destination).ports(sourcePort, destinationPort);
    }

    private void publish(PolicySnapshot snapshot) {
        policy.publish(snapshot);
        policy.refresh(WORKER);
    }

    private static RuleList denyAll() {
        return list(true, Rule.of("all", Action.DENY, Match.ALL));
    }

    private static Rule allow(String name, int protocol, int port) {
        return Rule.of(name, Action.ALLOW, match(protocol, port));
    }

    private static Rule deny(String name, int protocol, int port) {
        return Rule.of(name, Action.DENY, match(protocol, port));
    }

    private static Match match(int protocol, int port) {
        List<Range> ports = port == 0 ? List.of() : List.of(Range.of(port));
        return new Match(protocol, null, null, Match.ANY, Match.ANY, List.of(), ports, null, null, 0, 0);
    }

    private static RuleList list(boolean allowsByDefault, Rule... rules) {
        return RuleList.of(List.of(rules), allowsByDefault, 1, null, 0);
    }

    private int verdict(Stage stage, FrameBuilder frame) {
        return verdict(stage, Packets.frame(pool, frame.build()));
    }

    private int verdict(Stage stage, Packet packet) {
        packet.segment(SEGMENT)
                .inPort(stage.equals(tunnelIn) ? Ports.FIRST_TUNNEL : port.id())
                .outPort(port.id());
        Batch batch = Packets.batch(packet);
        stage.process(batch);
        int verdict = batch.verdict(0);
        pool.release(packet);
        return verdict;
    }
}
