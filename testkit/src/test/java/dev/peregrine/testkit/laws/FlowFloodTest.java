package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One VNI is flooded with flows of one packet; in another, clients wait for replies that only their established flows
 * let pass. {@code -Dperegrine.flood.flows=N} takes more time.
 */
class FlowFloodTest {
    private static final int FLOWS = Integer.getInteger("peregrine.flood.flows", 200_000);
    private static final int BURST = 64;
    private static final int CONVERSATIONS = 200;
    private static final int FLOODER = 0;
    private static final int FLOODED = 1;
    private static final int CLIENT = 2;
    private static final int SERVER = 3;
    private static final int FLOW_CACHE = 1 << 10;
    private static final long MICROSECOND = 1000;
    private static final long HEAP_SLACK = 8 << 20;

    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();
    private final MemoryGateway gateway = new MemoryGateway(
            new MemoryNetwork(),
            World.address(0),
            GatewayShape.of(
                            List.of(new Segment(0, 42, 1450, false), new Segment(1, 43, 1450, false)),
                            List.of(0, 0, 1, 1))
                    .flows(FLOW_CACHE));

    FlowFloodTest() {
        for (int port = 0; port < gateway.ports(); port++) {
            gateway.fdb().add(port / 2, mac(port), port, true, 0);
        }
        PolicySnapshot policy = PolicySnapshot.EMPTY
                .withPort(FLOODER, scope(everything(), null))
                .withPort(CLIENT, scope(everything(), RuleList.of(List.of(), false, 1, null, 0)));
        gateway.policy().publish(policy);
    }

    private static ScopePolicy scope(RuleList in, @Nullable RuleList out) {
        return new ScopePolicy(in, out, null, null, null, null, new Hits(1));
    }

    private static RuleList everything() {
        return RuleList.of(List.of(Rule.of("all", Action.ALLOW, Match.ALL)), false, 1, null, 0);
    }

    private static long mac(int port) {
        return 0x0200_0000_0000L + port;
    }

    @AfterEach
    void close() {
        assertTrue(gateway.isAtRest(), "a packet was lost");
        assertEquals(List.of(), gateway.faults());
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {IpProtocol.TCP, IpProtocol.UDP})
    void takesNoMemoryAndDisturbsNoOtherVni(int protocol) {
        establish();
        flood(protocol, FLOWS / 4);
        long heap = heapInUse();
        for (int part = 0; part < 3; part++) {
            flood(protocol, FLOWS / 4);
            expectReplies();
        }
        assertTrue(heapInUse() < heap + HEAP_SLACK, () -> seed + ": " + heap + " bytes, then " + heapInUse());
        assertTrue(states() <= gateway.policy().states().slots(), seed::toString);
        assertTrue(gateway.policy().states().evicted() > FLOWS / 2, "the flood displaced itself");
        assertEquals(0, gateway.dropped(), seed::toString);
    }

    private void establish() {
        for (int i = 0; i < CONVERSATIONS; i++) {
            gateway.endpoint(CLIENT).send(conversation(i, true));
            gateway.run();
        }
        expectReplies();
    }

    /** Each server's reply passes the client's port, where no rule allows it. */
    private void expectReplies() {
        gateway.endpoint(CLIENT).received();
        for (int i = 0; i < CONVERSATIONS; i++) {
            gateway.endpoint(SERVER).send(conversation(i, false));
            gateway.run();
        }
        assertEquals(CONVERSATIONS, gateway.endpoint(CLIENT).received().size(), seed::toString);
    }

    private static byte[] conversation(int number, boolean fromClient) {
        FrameBuilder frame = FrameBuilder.udp4().payload(10);
        return fromClient
                ? frame.macs(mac(SERVER), mac(CLIENT))
                        .addresses("198.19.0.3", "198.19.0.4")
                        .ports(10_000 + number, 53)
                        .build()
                : frame.macs(mac(CLIENT), mac(SERVER))
                        .addresses("198.19.0.4", "198.19.0.3")
                        .ports(53, 10_000 + number)
                        .build();
    }

    private void flood(int protocol, int flows) {
        for (int sent = 0; sent < flows; sent += BURST) {
            for (int i = 0; i < BURST; i++) {
                gateway.endpoint(FLOODER).send(oneOfMany(protocol));
            }
            gateway.advance(BURST * MICROSECOND);
            gateway.run();
            assertEquals(BURST, gateway.endpoint(FLOODED).received().size(), seed::toString);
        }
    }

    private byte[] oneOfMany(int protocol) {
        String source = "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256);
        return FrameBuilder.ip(protocol, source, "198.19.0.2")
                .macs(mac(FLOODED), mac(FLOODER))
                .ports(random.nextInt(1 << 16), 80)
                .flags(TcpHeader.SYN)
                .payload(6)
                .build();
    }

    private int states() {
        int[] count = {0};
        gateway.policy().states().flows().forEach(flow -> count[0]++, gateway.nowNanos());
        return count[0];
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
