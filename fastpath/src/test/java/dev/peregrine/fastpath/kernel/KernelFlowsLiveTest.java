package dev.peregrine.fastpath.kernel;

import static dev.peregrine.fastpath.kernel.Rig.frame;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The acts of the tables' writer, as a program sees them. */
@Tag("live")
class KernelFlowsLiveTest {
    private static final int DAY_SECONDS = 86_400;

    private Rig rig;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @BeforeEach
    void load() throws LinuxException {
        rig = new Rig(PortProgram::withHelper);
    }

    @AfterEach
    void free() {
        rig.close();
    }

    private void assertFast(int number) throws LinuxException {
        assertEquals(Verdict.REDIRECT, rig.verdict(frame(number).build()), () -> "flow " + number);
    }

    private void assertSlow(int number, Outcome outcome) throws LinuxException {
        long before = rig.tables.count(outcome);
        assertEquals(Verdict.NEXT, rig.verdict(frame(number).build()), () -> "flow " + number);
        assertEquals(before + 1, rig.tables.count(outcome), () -> outcome + " of flow " + number);
    }

    @Test
    void aFlowGoesFastFromItsInstallationToItsEnd() throws LinuxException {
        KernelFlow flow = rig.installToTunnel(1);
        assertFast(1);
        assertSlow(2, Outcome.UNKNOWN_FLOW);
        rig.flows.kill(flow);
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        assertEquals(0, rig.flows.size());
    }

    @Test
    void anotherIngressIsAnotherFlow() throws LinuxException {
        rig.flows.install(rig.key(frame(1).build(), 0), 5, Rig.toTunnel(0), (packets, bytes) -> {});
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        assertThrows(
                IllegalArgumentException.class,
                () -> rig.flows.install(rig.key(frame(1).build(), 0), 1 << 23, Rig.toTunnel(0), (p, b) -> {}));
    }

    @Test
    void aChangeEndsOlderDecisionsOfItsSegmentAtOnce() throws LinuxException {
        Epoch epoch = rig.tables.epoch();
        epoch.advance(1);
        rig.installToTunnel(1, Rig.toTunnel(epoch.now()));
        epoch.advance(2);
        assertFast(1);
        epoch.advance(1);
        assertSlow(1, Outcome.OUT_OF_DATE);
        assertNotNull(rig.installToTunnel(1, Rig.toTunnel(epoch.now())));
        rig.settle(rig.order(1));
        assertFast(1);
        epoch.advanceAll();
        assertSlow(1, Outcome.OUT_OF_DATE);
    }

    @Test
    void aStateThatChangesEndsTheDecisionsThatRestOnIt() throws LinuxException {
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 77);
        KernelDecision free = Rig.toTunnel(0);
        KernelFlow flow = rig.flows.install(
                rig.key(frame(1).build(), 0),
                Rig.LOOPBACK,
                new KernelDecision(0, 1, 7, Rig.LIMIT, 3, 77, free.vni(), Rig.address(Rig.REMOTE)),
                (packets, bytes) -> {});
        assertFast(1);
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 78);
        assertSlow(1, Outcome.OUT_OF_DATE);
        rig.settle(rig.order(1));
        rig.flows.refresh(Objects.requireNonNull(flow), 78);
        assertFast(1);
    }

    @Test
    void aStateCountsByItsDecidingBitsAndForItsTime() throws LinuxException {
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 0x77_01);
        KernelDecision decision = Rig.toTunnel(0).watching(3, 0x77_01, 0xff_00, Long.MAX_VALUE);
        KernelFlow flow = Objects.requireNonNull(rig.installToTunnel(1, decision));
        assertFast(1);
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 0x77_02);
        assertFast(1);
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 0x78_02);
        assertSlow(1, Outcome.OUT_OF_DATE);
        rig.settle(rig.order(1));
        rig.tables.watches().setAtIndex(JAVA_LONG, 3, 0x77_03);
        assertFast(1);
        rig.flows.renew(flow, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
        rig.verdict(frame(1).build());
        assertEquals(2, rig.tables.count(Outcome.OUT_OF_DATE));
        rig.settle(rig.order(1));
        rig.flows.renew(flow, System.nanoTime() + TimeUnit.SECONDS.toNanos(60));
        assertFast(1);
    }

    /** Flows come and go as in a day, a step a second; what a day leaves behind would be seen at its end. */
    @Test
    void aDayOfChurnLeaksNoSlotAndNoEntry() throws LinuxException {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        List<KernelFlow> there = new ArrayList<>();
        long walked = 0;
        for (int second = 0; second < DAY_SECONDS; second++) {
            int number = random.nextInt(4 * Rig.CAPACITY);
            KernelFlow flow =
                    rig.installToTunnel(number, Rig.toTunnel(rig.tables.epoch().now()));
            if (flow != null) {
                there.add(flow);
            }
            if (random.nextInt(8) == 0) {
                rig.settle(rig.order(number));
                walked += rig.verdict(frame(number).build()) == Verdict.NEXT ? 1 : 0;
            }
            if (random.nextInt(50) == 0) {
                rig.tables.epoch().advance(1);
            }
            if (random.nextInt(3) == 0 && !there.isEmpty()) {
                rig.flows.kill(there.remove(random.nextInt(there.size())));
            }
            if (second % 200 == 0) {
                rig.flows.sweep(System.nanoTime() + second, random.nextBoolean() ? 0 : Long.MAX_VALUE);
                rig.flows.reclaim();
            }
        }
        assertTrue(walked > 0, () -> seed + ": no packet walked");
        rig.flows.killAll();
        rig.flows.reclaim();
        assertEquals(0, rig.flows.size(), seed::toString);
        for (int i = 0; i < Rig.CAPACITY; i++) {
            assertNotNull(
                    rig.installToTunnel(
                            10_000 + i, Rig.toTunnel(rig.tables.epoch().now())),
                    seed + ", place " + i);
        }
        assertNull(rig.installToTunnel(20_000, Rig.toTunnel(rig.tables.epoch().now())), seed::toString);
    }

    @Test
    void longFramesAndSegmentsThatOpenOrCloseWalk() throws LinuxException {
        rig.installToTunnel(1);
        byte[] longest = frame(1).payload(Rig.LIMIT - 54).build();
        assertEquals(Verdict.REDIRECT, rig.verdict(longest));
        assertEquals(Verdict.NEXT, rig.verdict(frame(1).payload(Rig.LIMIT - 53).build()));
        assertEquals(1, rig.tables.count(Outcome.WALKS));
        assertSlow(1, Outcome.UNSETTLED);
        rig.settle(rig.order(1));
        assertFast(1);
        assertEquals(Verdict.NEXT, rig.verdict(frame(1).flags(0x11).build()));
        assertEquals(2, rig.tables.count(Outcome.WALKS));
        assertSlow(1, Outcome.UNSETTLED);
    }

    @Test
    void aSuperframeCountsAsItsSegments() throws LinuxException {
        rig.installToTunnel(1);
        byte[] superframe = frame(1).payload(3200).build();
        assertEquals(Verdict.REDIRECT, rig.verdict(superframe, 3, 1360));
        assertEquals(Verdict.NEXT, rig.verdict(superframe, 3, 1361), "a segment is longer than the exit takes");
        rig.flows.collect();
        assertEquals(3, rig.packets);
        assertEquals(3200 + 3 * 54, rig.bytes);
    }

    @Test
    void eachPacketIsToldOnce() throws LinuxException {
        KernelFlow flow = rig.installToTunnel(1);
        for (int i = 0; i < 5; i++) {
            assertFast(1);
            rig.flows.collect();
        }
        assertEquals(5, rig.packets);
        assertFast(1);
        rig.flows.kill(flow);
        rig.flows.kill(flow);
        assertEquals(1, rig.flows.reclaim());
        assertEquals(0, rig.flows.reclaim());
        assertEquals(6, rig.packets);
        assertEquals(6 * 154, rig.bytes);
    }

    @Test
    void slotsAreUsedAgain() throws LinuxException {
        for (int round = 0; round < 3; round++) {
            List<KernelFlow> all = new ArrayList<>();
            for (int i = 0; i < Rig.CAPACITY; i++) {
                all.add(rig.installToTunnel(i));
                assertNotNull(all.getLast());
            }
            assertNull(rig.installToTunnel(Rig.CAPACITY, Rig.toTunnel(0)), "full");
            assertFast(Rig.CAPACITY - 1);
            for (KernelFlow flow : all) {
                rig.flows.kill(flow);
            }
            assertNull(
                    rig.installToTunnel(Rig.CAPACITY, Rig.toTunnel(0)), "killed, but programs may still count there");
            assertEquals(Rig.CAPACITY, rig.flows.reclaim());
        }
        assertEquals(3, rig.packets);
    }

    @Test
    void idleFlowsAreSweptAway() throws LinuxException {
        rig.installToTunnel(1);
        rig.installToTunnel(2);
        long now = System.nanoTime();
        assertEquals(0, rig.flows.sweep(now, 1_000_000_000));
        assertFast(1);
        assertEquals(2, rig.flows.sweep(now + 2_000_000_000, 1_000_000_000));
        assertEquals(2, rig.flows.reclaim());
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        assertEquals(1, rig.packets);
    }

    @Test
    void aFlowWaitsForItsPacketsThatWalked() throws LinuxException {
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        rig.installToTunnel(1);
        int order = rig.order(1);
        assertEquals(2, rig.tables.pending(order));
        assertSlow(1, Outcome.UNSETTLED);
        rig.tables.settled(order, 2);
        assertSlow(1, Outcome.UNSETTLED);
        rig.tables.settled(order, 2);
        assertFast(1);
        assertEquals(0, rig.tables.pending(order));
    }

    @Test
    void aSlotNumberOfAnotherFlowIsNotFollowed() throws LinuxException {
        rig.installToTunnel(1);
        rig.installToTunnel(2);
        MemorySegment slot = rig.arena.allocate(JAVA_INT);
        assertTrue(rig.tables.flows.lookup(mapKey(2), slot));
        rig.tables.flows.update(mapKey(1), slot);
        assertSlow(1, Outcome.UNKNOWN_FLOW);
        assertFast(2);
        rig.flows.collect();
        assertEquals(1, rig.packets, "that of flow 2");
    }

    private MemorySegment mapKey(int number) {
        MemorySegment key = rig.arena.allocate(KernelKey.SIZE, Long.BYTES);
        KernelKey.write(key, rig.key(frame(number).build(), 0), Rig.LOOPBACK);
        return key;
    }

    @Test
    void whatTheKernelLostIsWrittenOffInAPause() throws LinuxException {
        rig.installToTunnel(1);
        assertEquals(Verdict.NEXT, rig.verdict(frame(1).flags(0x11).build()), "and the gateway never gets it");
        assertSlow(1, Outcome.UNSETTLED);
        rig.flows.noteLosses();
        rig.flows.confirm();
        assertSlow(1, Outcome.UNSETTLED);
        assertEquals(0, rig.flows.writeOffLosses(), "there was a packet meanwhile");
        assertEquals(1, rig.flows.stuck());
        assertSlow(1, Outcome.UNSETTLED);
        rig.flows.noteLosses();
        rig.flows.confirm();
        assertEquals(1, rig.flows.writeOffLosses());
        assertEquals(0, rig.flows.stuck());
        assertFast(1);
        rig.tables.settled(rig.order(1), 2); // more than programs have counted: a fragment, an option
        assertSlow(1, Outcome.UNSETTLED);
        rig.flows.noteLosses();
        rig.flows.confirm();
        assertEquals(1, rig.flows.writeOffLosses());
        assertFast(1);
        rig.flows.noteLosses();
        rig.flows.confirm();
        assertEquals(0, rig.flows.writeOffLosses());
    }

    @Test
    void tablesThatCannotBeMadeLeaveNothingOpen() throws IOException {
        long before = maps();
        assertThrows(LinuxException.class, () -> new KernelTables(16, 4, 4, /* vteps= */ 0));
        assertEquals(before, maps());
    }

    /** Descriptors of maps that this process has. */
    private static long maps() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().contains("bpf-map");
                        } catch (IOException e) {
                            return false; // that of the list itself
                        }
                    })
                    .count();
        }
    }
}
