package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.AfterEach;

/** The common part of tests of a {@link FlowTracker}: one worker's, and frames of a flow in both directions. */
abstract class FlowTrackerFixture {
    static final long SECOND = 1_000_000_000L;
    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int ACK = 0x10;
    static final int INVALID = Verdict.drop(DropReason.STATE_INVALID);

    final PacketPool pool = new PacketPool(4, 4);
    FlowStates states = new FlowStates(1000, FlowTimeouts.DEFAULT, false);
    FlowTracker tracker = states.tracker(true, states.tally());
    long now = 77 * SECOND;
    int segment = 3;
    int zone = 1;

    @AfterEach
    void close() {
        pool.close();
    }

    FlowState follow(byte[] frame) {
        Packet packet = Packets.frame(pool, frame).segment(segment);
        FlowState state = tracker.follow(packet, zone, now);
        pool.release(packet);
        return state;
    }

    /** Acts as a policy that lets everything new pass. */
    FlowState pass(byte[] frame) {
        Packet packet = Packets.frame(pool, frame).segment(segment);
        FlowState state = tracker.follow(packet, zone, now);
        if (state == FlowState.NEW || state == FlowState.UNTRACKED) {
            assertTrue(tracker.open(packet));
        }
        pool.release(packet);
        return state;
    }

    int verdict(byte[] frame) {
        return follow(frame) == FlowState.INVALID ? Verdict.drop(DropReason.STATE_INVALID) : Verdict.forward(0);
    }

    static byte[] tcp(boolean there, int flags, boolean ipv6) {
        FrameBuilder builder = ipv6 ? FrameBuilder.tcp6() : FrameBuilder.tcp4();
        if (!there) {
            builder.addresses(ipv6 ? "fd00::2" : "198.19.0.2", ipv6 ? "fd00::1" : "198.19.0.1");
        }
        return builder.ports(there ? 40_000 : 80, there ? 80 : 40_000)
                .flags(flags)
                .build();
    }

    static byte[] there(int flags) {
        return tcp(true, flags, false);
    }

    static byte[] back(int flags) {
        return tcp(false, flags, false);
    }

    void connect() {
        assertEquals(FlowState.NEW, pass(there(SYN)));
        assertEquals(FlowState.ESTABLISHED, pass(back(SYN | ACK)));
        assertEquals(FlowState.ESTABLISHED, pass(there(ACK)));
    }
}
