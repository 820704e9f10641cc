package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.RandomRules;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** However many flows come, and whatever becomes of them, memory stays as it is. */
@Tag("allocation")
class PolicyStageAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int SEGMENT = 0;

    @Test
    void everyPacketIsANewFlow() {
        try (PacketPool pool = new PacketPool(1, 1)) {
            Policy policy = new Policy(1, new Fdb(16), new FlowStates(1024, FlowTimeouts.DEFAULT, true));
            Stage in = policy.in(0, new Port(0, "web", SEGMENT, false, 1500));
            policy.publish(PolicySnapshot.EMPTY.withPort(0, everything()));
            policy.refresh(0);
            Packet packet = Packets.frame(pool, FrameBuilder.tcp4().flags(2).build());
            packet.segment(SEGMENT).inPort(0);
            Batch batch = Packets.batch(packet);
            int[] flow = new int[1];
            long bytes = Allocation.bytes(ROUNDS, () -> {
                packet.setInt(14 + 12, flow[0]++); // source address
                batch.nowNanos(flow[0] * 1000L);
                in.process(batch);
            });
            assertEquals(0, bytes);
            pool.release(packet);
        }
    }

    private static ScopePolicy everything() {
        List<Rule> rules = new ArrayList<>();
        List<Match> matches = new RandomRules(new SplittableRandom(1)).matches(200);
        for (int i = 0; i < matches.size(); i++) {
            rules.add(new Rule("rule" + i, Action.LIMIT, matches.get(i), 1_000_000, 0, TokenBucket.DEFAULT_BURST, 100));
        }
        return new ScopePolicy(
                RuleList.of(rules, true, 1, null, 0),
                null,
                SourceGuard.builder().build(),
                new StormControl(null, TokenBucket.of(1_000_000_000, 0, TokenBucket.DEFAULT_BURST, 0), null),
                TokenBucket.of(0, 1_000_000_000_000L, TokenBucket.DEFAULT_BURST, 0),
                null,
                new Hits(1));
    }
}
