package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table when it is full: who stays, who goes, and that nothing grows. */
@Tag("slow")
class FlowStatesTest {
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;
    private static final int NETWORK = 14;
    private static final int TRANSPORT = 34;
    private static final int VICTIM = 1;
    private static final int ATTACKER = 2;

    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();
    private final PacketPool pool = new PacketPool(2, 2);
    private final Packet tcp =
            Packets.frame(pool, FrameBuilder.tcp4().flags(SYN).build());
    private final Packet udp = Packets.frame(pool, FrameBuilder.udp4().build());
    private long now = random.nextLong();

    @AfterEach
    void close() {
        pool.release(tcp);
        pool.release(udp);
        pool.close();
    }

    /** Makes a packet one of flow {@code flow}, there or back. */
    private static Packet flow(Packet packet, int segment, int flow, boolean there) {
        int client = 0x0a00_0000 | flow >>> 8;
        int server = 0xc613_0002;
        packet.segment(segment);
        packet.setInt(NETWORK + 12, there ? client : server);
        packet.setInt(NETWORK + 16, there ? server : client);
        int port = 1024 + (flow & 0xff);
        packet.setInt(TRANSPORT, there ? port << 16 | 80 : 80 << 16 | port);
        return packet;
    }

    private FlowState follow(FlowTracker tracker, Packet packet) {
        return tracker.follow(packet, 0, now);
    }

    private FlowState tcp(FlowTracker tracker, int segment, int flow, boolean there, int flags) {
        tcp.setByte(TRANSPORT + 13, flags);
        return follow(tracker, flow(tcp, segment, flow, there));
    }

    private boolean connect(FlowTracker tracker, int segment, int flow) {
        return tcp(tracker, segment, flow, true, SYN) == FlowState.NEW
                && tracker.open(tcp)
                && tcp(tracker, segment, flow, false, SYN | ACK) == FlowState.ESTABLISHED
                && tcp(tracker, segment, flow, true, ACK) == FlowState.ESTABLISHED;
    }

    private int established(FlowTracker tracker, int segment, int flows) {
        int count = 0;
        for (int i = 0; i < flows; i++) {
            count += tcp(tracker, segment, i, false, ACK) == FlowState.ESTABLISHED ? 1 : 0;
        }
        return count;
    }

    @Test
    void itsWordsAreInGivenMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate((long) Long.BYTES * FlowStates.words(16), Long.BYTES);
            FlowStates states = new FlowStates(16, FlowTimeouts.DEFAULT, false, words);
            assertTrue(connect(states.tracker(true, states.tally()), VICTIM, 1), seed.toString());
            long changed = words.mismatch(arena.allocate(words.byteSize()));
            assertTrue(changed >= 0, "nothing was stored there");
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new FlowStates(16, FlowTimeouts.DEFAULT, false, words.asSlice(Long.BYTES)));
        }
    }

    @Test
    void takesAllFlowsThatItWasMadeFor() {
        int capacity = 20_000;
        FlowStates states = new FlowStates(capacity, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < capacity; i++) {
            assertTrue(connect(tracker, VICTIM, i), seed.toString());
        }
        assertEquals(capacity, established(tracker, VICTIM, capacity), seed.toString());
    }

    @Test
    void aFloodOfSynsLeavesEstablishedFlowsAndNewOnesOfOthersAlone() {
        int capacity = 16_384;
        FlowStates states = new FlowStates(capacity, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < capacity; i++) {
            assertTrue(connect(tracker, VICTIM, i), seed.toString());
        }
        int connected = capacity;
        for (int i = 0; i < 2_000_000; i++) {
            assertEquals(FlowState.NEW, tcp(tracker, ATTACKER, i, true, SYN), seed.toString());
            assertTrue(tracker.open(tcp), seed.toString());
            if (i % 1000 == 0) {
                now += 1_000_000;
                assertTrue(connect(tracker, VICTIM, connected++), seed + ": during the flood");
            }
        }
        assertEquals(connected, established(tracker, VICTIM, connected), seed.toString());
        assertTrue(states.evicted() > 1_900_000, "the flood displaced itself");
    }

    @Test
    void aHandshakeSurvivesAFloodOfAnotherSegmentForSeconds() {
        FlowStates states = new FlowStates(4096, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < 100; i++) {
            assertEquals(FlowState.NEW, tcp(tracker, VICTIM, i, true, SYN));
            tracker.open(tcp);
        }
        for (int i = 0; i < 500_000; i++) {
            tcp(tracker, ATTACKER, i, true, SYN);
            tracker.open(tcp);
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(FlowState.ESTABLISHED, tcp(tracker, VICTIM, i, false, SYN | ACK), seed.toString());
        }
    }

    @Test
    void establishedFlowsOfOneSegmentDoNotCrowdOutThoseOfAnother() {
        int capacity = 4096;
        FlowStates states = new FlowStates(capacity, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < 20 * capacity; i++) {
            connect(tracker, ATTACKER, i); // both ends are the attacker's
        }
        int fair = states.slots() / 32;
        for (int i = 0; i < fair; i++) {
            assertTrue(connect(tracker, VICTIM, i), seed.toString());
        }
        for (int i = 0; i < 20 * capacity; i++) {
            connect(tracker, ATTACKER, i);
        }
        // Shares are fair within each set, and by chance a set may have more than a fair share of the victim's flows.
        assertTrue(established(tracker, VICTIM, fair) > 0.95 * fair, seed.toString());
    }

    @Test
    void tenMillionFlowsOfOnePacketTakeNoMemory() {
        FlowStates states = new FlowStates(65_536, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < 1000; i++) {
            assertTrue(connect(tracker, VICTIM, i));
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        int flows = 10_000_000;
        int opened = 0;
        for (int i = 0; i < flows; i++) {
            now += 100;
            boolean isNew = follow(tracker, flow(udp, ATTACKER, i, true)) == FlowState.NEW;
            opened += isNew && tracker.open(udp) ? 1 : 0;
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(flows, opened, seed.toString());
        assertTrue(allocated < 1 << 20, "allocated " + allocated);
        assertEquals(1000, established(tracker, VICTIM, 1000), seed.toString());
    }

    @Test
    void anExpiredFlowGivesItsPlaceToAnother() {
        FlowStates states = new FlowStates(1000, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 1000; i++) {
                assertTrue(connect(tracker, VICTIM, i), seed.toString());
            }
            now += 25 * 3600 * 1_000_000_000L;
        }
        assertEquals(0, states.evicted(), seed.toString());
        int[] count = new int[1];
        states.flows().forEach(flow -> count[0]++, now);
        assertEquals(0, count[0]);
    }

    @Test
    void refusesAFlowWhenEveryPlaceIsAnEstablishedFlowOfAnotherSegment() {
        FlowStates states = new FlowStates(4, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(true, states.tally());
        assertEquals(16, states.slots());
        for (int segment = 0; segment < 16; segment++) {
            assertTrue(connect(tracker, segment, 1), seed.toString());
        }
        assertEquals(FlowState.NEW, tcp(tracker, 16, 1, true, SYN));
        int verdict = tracker.open(tcp) ? Verdict.forward(0) : Verdict.drop(DropReason.STATE_TABLE_FULL);
        assertEquals(Verdict.drop(DropReason.STATE_TABLE_FULL), verdict, seed.toString());
        assertEquals(1, states.refused());
        for (int segment = 0; segment < 16; segment++) {
            assertEquals(1, tcp(tracker, segment, 1, false, ACK) == FlowState.ESTABLISHED ? 1 : 0);
        }
    }

    /** Ticks come round after 52 days. */
    @Test
    void anExpiredFlowNeverComesBackHoweverLongItIsSilent() {
        FlowStates states = new FlowStates(64, FlowTimeouts.DEFAULT, true);
        FlowTracker tracker = states.tracker(true, states.tally());
        for (int i = 0; i < 100; i++) {
            connect(tracker, VICTIM, i);
            follow(tracker, flow(udp, VICTIM, i, true));
            tracker.open(udp);
        }
        long step = 30_000_000_000L;
        long days = 86_400_000_000_000L;
        int opened = (int) states.opened();
        for (long silence = step; silence < 250 * days; silence += step) {
            now += step;
            states.flows().sweep(now);
            boolean looks = silence > 2 * days && random.nextInt(200) == 0;
            if (looks) {
                int flow = random.nextInt(100);
                assertEquals(FlowState.NEW, follow(tracker, flow(udp, VICTIM, flow, false)), seed.toString());
                assertEquals(FlowState.NEW, tcp(tracker, VICTIM, flow, true, SYN), seed.toString());
            }
        }
        assertEquals(opened - states.evicted(), states.flows().expired(), "all places are free");
        for (int i = 0; i < 64; i++) {
            assertTrue(connect(tracker, ATTACKER, i), seed.toString());
        }
        assertEquals(0, states.refused());
    }

    @Test
    void listsWhoseFlowsItHasAndEndsThoseThatAreChosen() {
        FlowStates states = new FlowStates(64, FlowTimeouts.DEFAULT, false);
        FlowTracker tracker = states.tracker(false, states.tally());
        assertTrue(connect(tracker, VICTIM, 0x105));
        assertEquals(FlowState.NEW, follow(tracker, flow(udp, ATTACKER, 0x207, false)));
        assertTrue(tracker.open(udp));
        now += 3_000_000_000L;
        List<TrackedFlow> flows = new ArrayList<>();
        states.flows().forEach(flows::add, now);
        flows.sort(Comparator.comparingInt(TrackedFlow::segment));
        assertEquals(2, flows.size());
        TrackedFlow first = flows.getFirst();
        assertEquals("10.0.0.1:1029 198.19.0.2:80 established", text(first));
        assertEquals(0, first.port());
        assertFalse(first.in());
        assertTrue(first.assured());
        assertTrue(first.idleSeconds() == 2 || first.idleSeconds() == 3);
        assertTrue(first.expiresSeconds() >= 86_396 && first.expiresSeconds() <= 86_398);
        assertEquals("198.19.0.2:80 10.0.0.2:1031 unreplied", text(flows.getLast()));
        assertEquals(1, states.flows().flush(flow -> flow.protocol() == IpProtocol.TCP, now));
        assertEquals(FlowState.INVALID, tcp(tracker, VICTIM, 0x105, false, ACK));
        assertEquals(FlowState.ESTABLISHED, follow(tracker, flow(udp, ATTACKER, 0x207, false)));
        assertEquals(1, states.flows().flushed());
    }

    private static String text(TrackedFlow flow) {
        return AddressText.of(flow.source()) + ":" + flow.sourcePort() + " " + AddressText.of(flow.destination()) + ":"
                + flow.destinationPort() + " " + flow.state();
    }

    @Test
    void countsTime() {
        int tick = StateWord.tick(now);
        long word = StateWord.opened(0, 5, StateWord.UDP, true, tick);
        assertEquals(0, StateWord.age(word, tick));
        assertEquals(0, StateWord.age(word, StateWord.tick(now - 3_000_000_000L)), "an older batch");
        assertEquals(
                StateWord.MAX_AGE,
                StateWord.age(word, StateWord.tick(now + ((long) StateWord.MAX_AGE << StateWord.TICK_BITS))));
    }

    @Test
    void refusesWrongSettings() {
        assertThrows(IllegalArgumentException.class, () -> new FlowStates(0, FlowTimeouts.DEFAULT, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> new FlowStates(FlowStates.MAX_CAPACITY + 1, FlowTimeouts.DEFAULT, false));
    }
}
