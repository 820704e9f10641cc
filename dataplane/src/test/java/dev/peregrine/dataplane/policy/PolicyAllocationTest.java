package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.policy.conntrack.FlowTracker;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class PolicyAllocationTest {
    private static final int ROUNDS = 50_000;
    private static final int SYN = 0x02;

    private final PacketPool pool = new PacketPool(2, 2);
    private final Packet ipv4 =
            Packets.frame(pool, FrameBuilder.tcp4().flags(SYN).build()).segment(1);
    private final Packet ipv6 =
            Packets.frame(pool, FrameBuilder.tcp6().flags(SYN).build()).segment(1);
    private long now;

    @AfterEach
    void close() {
        pool.release(ipv4);
        pool.release(ipv6);
        pool.close();
    }

    @Test
    void limitingAllocatesNothing() {
        TokenBucket bucket = TokenBucket.of(1_000_000, 1_000_000_000, TokenBucket.DEFAULT_BURST, 0);
        StormControl storm = new StormControl(bucket, bucket, bucket);
        long bytes = Allocation.bytes(ROUNDS, () -> {
            now += 100;
            bucket.admit(ipv4, now);
            storm.admitGroup(ipv4, now);
            storm.admitUnknownUnicast(ipv4, now);
        });
        assertEquals(0, bytes / ROUNDS);
    }

    @Test
    void guardingAllocatesNothing() {
        SourceGuard guard = SourceGuard.builder()
                .mac(0x0200_0000_0001L)
                .ipv4(0xc613_0001, 32)
                .ipv6(0xfd00L << 48, 1, 128)
                .build();
        long bytes = Allocation.bytes(ROUNDS, () -> {
            guard.violation(ipv4);
            guard.violation(ipv6);
        });
        assertEquals(0, bytes / ROUNDS);
    }

    @Test
    void followingAllocatesNothing() {
        FlowStates states = new FlowStates(1000, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        int ports = ipv4.transportIndex();
        long bytes = Allocation.bytes(ROUNDS, () -> {
            now += 1000;
            ipv4.setShort(ports, (int) now & 0xffff);
            tracker.follow(ipv4, 0, now);
            tracker.open(ipv4);
            tracker.follow(ipv6, 0, now);
            tracker.open(ipv6);
        });
        assertEquals(0, bytes / ROUNDS);
    }
}
