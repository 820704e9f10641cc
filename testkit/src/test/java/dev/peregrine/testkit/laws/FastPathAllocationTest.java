package dev.peregrine.testkit.laws;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A packet that takes the fast path allocates nothing, and neither does one that is remembered, or gives way. */
@Tag("allocation")
class FastPathAllocationTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;
    private static final int SOURCE_ADDRESS = 14 + 12;
    private static final int ROUNDS = 5000;
    private static final long BATCH_NANOS = 50_000; // states are noted as alive every 10,000 batches

    private final MemoryGateway gateway = new MemoryGateway(
            new MemoryNetwork(),
            World.address(0),
            new GatewayShape(
                    List.of(new Segment(0, 42, 1450, false)),
                    List.of(0, 0),
                    128,
                    1000,
                    8,
                    true,
                    stage -> stage,
                    64,
                    1));
    private final byte[] frame =
            FrameBuilder.udp4().macs(B, A).ports(4000, 5000).payload(18).build();
    private final Batch batch = new Batch();
    private int number;

    /** Takes what it is given, and forgets it. */
    private static final class Discard implements Endpoint {
        long packets;

        @Override
        public void accept(Batch taken) {
            packets += taken.size();
            taken.release();
        }

        @Override
        public int poll(Batch into) {
            return 0;
        }

        @Override
        public int fd() {
            return -1;
        }

        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public void close() {}
    }

    /** Sends a batch whose flows count up, a number of different ones before they come again. */
    private void send(int flows) {
        for (int i = 0; i < Batch.CAPACITY; i++) {
            Packet packet = requireNonNull(gateway.pool().acquire());
            packet.put(frame.length);
            for (int at = 0; at < frame.length; at++) {
                packet.setByte(at, frame[at]);
            }
            packet.setInt(SOURCE_ADDRESS, 10 << 24 | number++ % flows);
            Dissector.dissect(packet, 0);
            batch.add(packet);
        }
        gateway.advance(BATCH_NANOS);
        batch.nowNanos(gateway.nowNanos());
        requireNonNull(gateway.fastPath()).takeEpoch();
        gateway.policy().refresh(0);
        gateway.graph().node("port:port0.lookup").accept(batch);
    }

    private long allocated(int flows) {
        Match udp = new Match(
                IpProtocol.UDP, null, null, Match.ANY, Match.ANY, List.of(), List.of(Range.of(5000)), null, null, 0, 0);
        RuleList rules = RuleList.of(List.of(Rule.of("udp", Action.ALLOW, udp)), false, 1, null, 0);
        gateway.policy()
                .publish(PolicySnapshot.EMPTY.withPort(
                        1, new ScopePolicy(null, rules, null, null, null, null, new Hits(1))));
        gateway.fdb().add(0, A, 0, false, 0);
        gateway.fdb().add(0, B, 1, false, 0);
        Discard discard = new Discard();
        gateway.attach(1, discard);
        long bytes = Allocation.bytes(ROUNDS, () -> send(flows));
        assertEquals(number, discard.packets);
        gateway.attach(1, false);
        return bytes;
    }

    @Test
    void hits() {
        try (gateway) {
            assertEquals(0, allocated(16));
            assertTrue(gateway.fastPath().counters().hits() > number / 2);
        }
    }

    @Test
    void moreFlowsThanTheCacheHolds() {
        try (gateway) {
            assertEquals(0, allocated(100));
            assertTrue(gateway.fastPath().counters().evictions() > 0);
            assertTrue(gateway.fastPath().counters().hits() > 0);
        }
    }
}
