package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.TokenBucket;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rule that limits holds for every packet that meets it: of established flows, too, on the fast path, and whichever
 * workers the packets come to. Reported by a user: a flood of pings passed a limit of ten a second.
 */
class LimitTest {
    private static final int SERVER = 0;
    private static final int CLIENTS = 3;
    private static final int RATE = 10;
    private static final int SECONDS = 10;
    private static final long MILLISECOND = 1_000_000;
    private static final long SERVER_MAC = 0x0200_0000_0001L;
    private static final long CLIENT_MAC = 0x0200_0000_0010L;

    static Stream<Arguments> ways() {
        List<Arguments> ways = new ArrayList<>();
        for (int protocol : new int[] {IpProtocol.ICMP, IpProtocol.UDP, IpProtocol.TCP}) {
            for (int bits = 0; bits < 8; bits++) {
                ways.add(Arguments.of(protocol, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0 ? CLIENTS + 1 : 1));
            }
        }
        return ways.stream();
    }

    @ParameterizedTest(name = "protocol {0}, replies {1}, cache {2}, {3} workers")
    @MethodSource("ways")
    void aLimitHoldsWithinFivePercentOverTenSeconds(int protocol, boolean replies, boolean cache, int workers) {
        try (MemoryGateway gateway = gateway(protocol, replies, workers)) {
            gateway.fastPathSwitch().turn(cache);
            int passed = 0;
            int answers = 0;
            int sent = 0;
            for (int millis = 0; millis < 1000 * SECONDS; millis++) {
                for (int client = 1; client <= CLIENTS; client++) {
                    gateway.endpoint(client).send(frame(protocol, client, true));
                    sent++;
                }
                gateway.run();
                int arrived = gateway.endpoint(SERVER).received().size();
                passed += arrived;
                if (arrived > 0 && replies) {
                    answers += answers(gateway, protocol);
                }
                gateway.advance(MILLISECOND);
            }
            int most = RATE * SECONDS + RATE / 2;
            assertTrue(passed >= RATE * SECONDS && passed <= most, passed + " passed");
            assertEquals(sent - passed, gateway.dropped(DropReason.RATE_LIMIT));
            assertTrue(!replies || answers > passed, answers + " answers: they do not meet the rule");
        }
    }

    /** After a pause exactly the rule's burst passes at once, on any path. */
    @ParameterizedTest(name = "burst {0} ms, replies {2}, cache {3}")
    @CsvSource({
        "500, 5, true, true",
        "500, 5, false, false",
        "1, 1, true, true",
        "1, 1, false, true",
        "3000, 30, true, true",
        "3000, 30, true, false",
        "3000, 30, false, true",
    })
    void aPauseIsWorthTheBurstThatIsConfigured(int burstMillis, int packets, boolean replies, boolean cache) {
        try (MemoryGateway gateway = gateway(IpProtocol.UDP, replies, 1, Duration.ofMillis(burstMillis))) {
            gateway.fastPathSwitch().turn(cache);
            for (int pause = 0; pause < 3; pause++) {
                for (int i = 0; i < 10 * packets; i++) {
                    gateway.endpoint(1).send(frame(IpProtocol.UDP, 1, true));
                }
                gateway.run();
                assertEquals(packets, gateway.endpoint(SERVER).received().size(), "pause " + pause);
                gateway.advance(60_000 * MILLISECOND);
            }
        }
    }

    private static int answers(MemoryGateway gateway, int protocol) {
        int answers = 0;
        for (int client = 1; client <= CLIENTS; client++) {
            gateway.endpoint(SERVER).send(frame(protocol, client, false));
        }
        gateway.run();
        for (int client = 1; client <= CLIENTS; client++) {
            answers += gateway.endpoint(client).received().size();
        }
        return answers;
    }

    private static MemoryGateway gateway(int protocol, boolean replies, int workers) {
        return gateway(protocol, replies, workers, TokenBucket.DEFAULT_BURST);
    }

    private static MemoryGateway gateway(int protocol, boolean replies, int workers, Duration burst) {
        MemoryGateway gateway = new MemoryGateway(
                new MemoryNetwork(),
                World.address(0),
                GatewayShape.of(List.of(new Segment(0, 42, 1450, false)), List.of(0, 0, 0, 0))
                        .flows(1024)
                        .workers(workers));
        gateway.fdb().add(0, SERVER_MAC, SERVER, true, 0);
        for (int client = 1; client <= CLIENTS; client++) {
            gateway.fdb().add(0, CLIENT_MAC + client, client, true, 0);
        }
        Match match = new Match(protocol, null, null, Match.ANY, Match.ANY, List.of(), List.of(), null, null, 0, 0);
        Rule limit = new Rule("limit", Action.LIMIT, match, RATE, 0, burst, 0);
        RuleList out = RuleList.of(List.of(limit), false, workers, null, 0);
        @Nullable Hits tracked = replies ? new Hits(workers) : null;
        gateway.policy()
                .publish(PolicySnapshot.EMPTY.withPort(
                        SERVER, new ScopePolicy(null, out, null, null, null, null, tracked)));
        return gateway;
    }

    private static byte[] frame(int protocol, int client, boolean isRequest) {
        FrameBuilder frame = switch (protocol) {
            case IpProtocol.ICMP ->
                FrameBuilder.echo4().icmpType(isRequest ? 8 : 0).echoId(client);
            case IpProtocol.UDP -> FrameBuilder.udp4();
            default -> FrameBuilder.tcp4().flags(TcpHeader.ACK);
        };
        String own = "10.0.0." + (10 + client);
        return frame.macs(isRequest ? SERVER_MAC : CLIENT_MAC + client, isRequest ? CLIENT_MAC + client : SERVER_MAC)
                .addresses(isRequest ? own : "10.0.0.1", isRequest ? "10.0.0.1" : own)
                .ports(isRequest ? 4000 : 80, isRequest ? 80 : 4000)
                .payload(30)
                .build();
    }
}
