package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StormControlTest {
    private static final long SOURCE = 0x0200_0000_0001L;
    private static final int STORM = Verdict.drop(DropReason.STORM_LIMIT);
    private static final int PASS = Verdict.forward(0);

    private final PacketPool pool = new PacketPool(4, 4);
    private final Packet broadcast = frame(0xffff_ffff_ffffL);
    private final Packet multicast = frame(0x3333_0000_0001L);
    private final Packet unicast = frame(0x0200_0000_0002L);

    private Packet frame(long destination) {
        return Packets.frame(
                pool, FrameBuilder.udp4().macs(destination, SOURCE).payload(100).build());
    }

    @AfterEach
    void close() {
        pool.release(broadcast);
        pool.release(multicast);
        pool.release(unicast);
        pool.close();
    }

    @Test
    void limitsEachKindByItself() {
        StormControl storm = new StormControl(packets(1), packets(2), packets(3));
        assertEquals(PASS, group(storm, broadcast));
        assertEquals(STORM, group(storm, broadcast));
        for (int i = 0; i < 3; i++) {
            assertEquals(PASS, group(storm, multicast));
        }
        assertEquals(STORM, group(storm, multicast));
        assertTrue(storm.admitUnknownUnicast(unicast, 0));
        assertTrue(storm.admitUnknownUnicast(unicast, 0));
        assertEquals(false, storm.admitUnknownUnicast(unicast, 0));
    }

    @Test
    void leavesKnownUnicastAlone() {
        StormControl storm = new StormControl(packets(1), packets(1), packets(1));
        for (int i = 0; i < 100; i++) {
            assertEquals(PASS, group(storm, unicast));
        }
    }

    @Test
    void limitsNothingWithoutBuckets() {
        StormControl storm = new StormControl(null, null, null);
        for (int i = 0; i < 100; i++) {
            assertEquals(PASS, group(storm, broadcast));
            assertEquals(PASS, group(storm, multicast));
            assertTrue(storm.admitUnknownUnicast(unicast, 0));
        }
    }

    @Test
    void letsFramesPassAgainLater() {
        StormControl storm = new StormControl(packets(1), null, null);
        assertEquals(PASS, group(storm, broadcast));
        assertEquals(STORM, group(storm, broadcast));
        assertTrue(storm.admitGroup(broadcast, 1_000_000_001L));
    }

    private static int group(StormControl storm, Packet packet) {
        return storm.admitGroup(packet, 0) ? PASS : STORM;
    }

    private static TokenBucket packets(int burst) {
        return new TokenBucket(1, TokenBucket.UNLIMITED, burst, 1, 0);
    }
}
