package dev.peregrine.fastpath.kernel;

import static dev.peregrine.fastpath.kernel.Rig.datagram;
import static dev.peregrine.fastpath.kernel.Rig.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.kernel.table.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Datagrams that the gateway gets merged, or that are no flow's: no lone one overtakes them. */
@Tag("live")
class MergedLiveTest {
    private static final int UDP_PAYLOAD = 8 + 154;
    private static final int BEFORE_PAYLOAD = 42;

    private Rig rig;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @BeforeEach
    void load() throws LinuxException {
        rig = new Rig(UnderlayProgram::of);
    }

    @AfterEach
    void free() {
        rig.close();
    }

    private void assertPending(long bytes) {
        assertEquals(bytes, rig.tables.pending(rig.order()));
    }

    @Test
    void aLoneDatagramWaitsForMergedOnesBeforeIt() throws LinuxException {
        rig.installToPort(1);
        rig.installToPort(2);
        byte[] one = datagram(frame(1).build());
        byte[] other = datagram(frame(2).build());
        assertEquals(Verdict.REDIRECT, rig.verdict(one));
        byte[] merged = datagram(frame(1).payload(3 * UDP_PAYLOAD - 62).build());
        assertEquals(Verdict.NEXT, rig.verdict(merged, 3, UDP_PAYLOAD));
        assertEquals(3, rig.tables.count(Outcome.MERGED), "wire packets");
        assertPending(3 * UDP_PAYLOAD);
        assertEquals(Verdict.NEXT, rig.verdict(one), "it would overtake them");
        assertEquals(Verdict.NEXT, rig.verdict(other), "one of its flow may be among those that were merged");
        rig.settle(rig.order());
        assertEquals(Verdict.REDIRECT, rig.verdict(one));
        assertEquals(Verdict.REDIRECT, rig.verdict(other));
    }

    /** The gateway counts them as DropReason.UNDERLAY_SHED. */
    @Test
    void whileTheGatewayShedsPacketsThatWaitAreDropped() throws LinuxException {
        rig.installToPort(1);
        byte[] known = datagram(frame(1).build());
        assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(99).build())), "in the same counter");
        long pending = rig.tables.pending(rig.order());
        rig.flows.shedUntil(System.nanoTime() + 3_600_000_000_000L);
        assertEquals(Verdict.DROP, rig.verdict(known));
        assertEquals(1, rig.tables.count(Outcome.SHED));
        assertPending(pending);
        assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(99).build())), "no flow");
        rig.flows.noteLosses();
        rig.flows.confirm();
        assertEquals(Verdict.DROP, rig.verdict(known));
        assertEquals(1, rig.flows.writeOffLosses(), "those that wait are a pause");
        assertEquals(Verdict.REDIRECT, rig.verdict(known));
        assertEquals(2, rig.tables.count(Outcome.SHED));
    }

    @Test
    void shedsNoLongerThanUntilThen() throws LinuxException {
        rig.installToPort(1);
        byte[] known = datagram(frame(1).build());
        rig.flows.shedUntil(System.nanoTime() - 1_000_000_000);
        assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(99).build())));
        assertEquals(Verdict.NEXT, rig.verdict(known));
        rig.flows.shedUntil(0);
        assertEquals(Verdict.NEXT, rig.verdict(known));
        assertEquals(2, rig.tables.count(Outcome.UNSETTLED));
        assertEquals(0, rig.tables.count(Outcome.SHED));
    }

    @Test
    void whateverTheGatewayGetsIsCounted() throws LinuxException {
        rig.installToPort(1);
        List<byte[]> odd = new ArrayList<>();
        odd.add(datagram(FrameBuilder.ethernet(1, 2, 0x88b5, new byte[46])));
        odd.add(datagram(new byte[3]));
        odd.add(datagram(frame(1).fragmentBits(0x2000).build()));
        odd.add(datagram(frame(99).build()));
        odd.add(datagram(frame(1).tag(0x8100, 5).build()));
        for (byte[] each : odd) {
            long before = rig.tables.pending(rig.order());
            assertEquals(Verdict.NEXT, rig.verdict(each));
            assertPending(before + each.length - BEFORE_PAYLOAD);
            assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(1).build())), "it would overtake");
        }
        rig.settle(rig.order());
        assertEquals(Verdict.REDIRECT, rig.verdict(datagram(frame(1).build())));
    }

    @Test
    void theFirstFragmentCountsForTheWholeDatagram() throws LinuxException {
        byte[] payload = new byte[400];
        byte[] whole = outer().payload(payload).build();
        byte[] first =
                Arrays.copyOf(outer().fragmentBits(0x2000).payload(payload).build(), 42 + 200);
        first[16] = 0;
        first[17] = (byte) 228;
        checksum(first);
        byte[] second = outer().fragmentBits(25).payload(payload).build();
        assertEquals(Verdict.NEXT, rig.verdict(whole));
        assertPending(400);
        assertEquals(Verdict.NEXT, rig.verdict(first));
        assertPending(800);
        assertEquals(Verdict.NEXT, rig.verdict(second));
        assertPending(800);
    }

    private static FrameBuilder outer() {
        return FrameBuilder.udp4().macs(0, 1).addresses(Rig.REMOTE, Rig.LOCAL).ports(Rig.SOURCE_PORT, 4789);
    }

    private static void checksum(byte[] frame) {
        frame[24] = 0;
        frame[25] = 0;
        int sum = ~Reference.sum(frame, 14, 34, 0);
        frame[24] = (byte) (sum >>> 8);
        frame[25] = (byte) sum;
    }

    /** One counter for many flows would have them wait for each other. */
    @Test
    void flowsThatDifferInOnePortHaveTheirOwnCounters() {
        Set<Integer> frames = new HashSet<>();
        Set<Integer> datagrams = new HashSet<>();
        for (int i = 0; i < 256; i++) {
            frames.add(rig.order(i));
            datagrams.add(rig.tables.order(0, 0xffff_c612_0002L, 50_000 + i));
        }
        assertTrue(frames.size() >= 250, () -> "only " + frames.size());
        assertTrue(datagrams.size() >= 250, () -> "only " + datagrams.size());
    }
}
