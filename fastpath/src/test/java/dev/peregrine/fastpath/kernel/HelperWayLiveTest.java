package dev.peregrine.fastpath.kernel;

import static dev.peregrine.fastpath.kernel.Rig.datagram;
import static dev.peregrine.fastpath.kernel.Rig.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.Outcome;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Superframes out of the tunnel: by the helper device, and no packet of their flow overtakes them. */
@Tag("live")
class HelperWayLiveTest {
    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @Test
    void whatComesBehindASuperframeTakesItsWay() throws LinuxException {
        try (Rig rig = new Rig(UnderlayProgram::withHelper)) {
            KernelFlow flow = rig.installToPort(1);
            byte[] one = datagram(frame(1).build());
            assertEquals(Verdict.REDIRECT, rig.verdict(one));
            assertEquals(
                    Verdict.PASS, rig.verdict(datagram(frame(1).payload(3200).build()), 3, 1360));
            assertEquals(Verdict.PASS, rig.verdict(one), "it would overtake the superframe");
            assertEquals(4, rig.tables.count(Outcome.TO_HELPER));
            rig.flows.kill(flow);
            rig.installToPort(1);
            assertEquals(Verdict.REDIRECT, rig.verdict(one), "anew");
            rig.flows.reclaim();
            assertEquals(1, rig.packets, "those that go by the helper device are counted there");
        }
    }

    @Test
    void mergedUdpOfAnUnknownFlowAndMergedDatagramsWalk() throws LinuxException {
        try (Rig rig = new Rig(UnderlayProgram::withHelper)) {
            rig.installToPort(1);
            byte[] udp = datagram(FrameBuilder.udp4().ports(7, 8).payload(3000).build());
            assertEquals(Verdict.NEXT, rig.verdict(udp, 3, 1000));
            assertEquals(3, rig.tables.count(Outcome.UNKNOWN_FLOW));
            byte[] first = frame(1).build();
            byte[] several = datagram(Arrays.copyOf(first, 3 * first.length));
            assertEquals(Verdict.NEXT, rig.verdict(several, 3, 8 + first.length));
            assertEquals(3, rig.tables.count(Outcome.MERGED));
            assertEquals(0, rig.tables.count(Outcome.TO_HELPER));
        }
    }

    @Test
    void aSuperframeOfTcpThatWaitsWalksWhileOthersAreShed() throws LinuxException {
        try (Rig rig = new Rig(UnderlayProgram::withHelper)) {
            rig.installToPort(1);
            assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(99).build())), "in the same counter");
            rig.flows.shedUntil(System.nanoTime() + 3_600_000_000_000L);
            assertEquals(Verdict.DROP, rig.verdict(datagram(frame(1).build())));
            assertEquals(
                    Verdict.NEXT, rig.verdict(datagram(frame(1).payload(3200).build()), 3, 1360));
            assertEquals(1, rig.tables.count(Outcome.SHED));
            assertEquals(3, rig.tables.count(Outcome.UNSETTLED), "wire packets");
            assertEquals(0, rig.tables.count(Outcome.TO_HELPER));
        }
    }

    /** UDP that never pauses has no other way to settle. */
    @Test
    void aSuperframeOfUdpThatWaitsIsShed() throws LinuxException {
        try (Rig rig = new Rig(UnderlayProgram::withHelper)) {
            byte[] frame = FrameBuilder.udp4().ports(7, 8).payload(3000).build();
            rig.installToPort(frame);
            assertEquals(Verdict.PASS, rig.verdict(datagram(frame), 3, 1000));
            assertEquals(3, rig.tables.count(Outcome.TO_HELPER));
            assertEquals(Verdict.NEXT, rig.verdict(datagram(frame(99).build())), "in the same counter");
            assertEquals(Verdict.NEXT, rig.verdict(datagram(frame), 3, 1000));
            rig.flows.shedUntil(System.nanoTime() + 3_600_000_000_000L);
            assertEquals(Verdict.DROP, rig.verdict(datagram(frame), 3, 1000));
            assertEquals(3, rig.tables.count(Outcome.SHED), "wire packets");
        }
    }

    @Test
    void theHelperDevicesProgramCountsSegments() throws LinuxException {
        try (Rig rig = new Rig((tables, end) -> HelperProgram.probe(tables, end, Rig.VNI, Rig.address(Rig.REMOTE)))) {
            KernelFlow flow = rig.installToPort(1);
            assertEquals(Verdict.REDIRECT, rig.verdict(frame(1).payload(3200).build(), 3, 1360));
            assertEquals(Verdict.REDIRECT, rig.verdict(frame(1).build()));
            rig.flows.collect();
            assertEquals(4, rig.packets);
            assertEquals(3200 + 3 * 54 + 154, rig.bytes);
            rig.flows.kill(flow);
            assertEquals(Verdict.DROP, rig.verdict(frame(1).build()), "nothing is behind this hook");
            assertEquals(1, rig.tables.count(Outcome.LATE));
        }
    }

    @Test
    void theHelperDevicesProgramTellsVnisApart() throws LinuxException {
        try (Rig rig =
                new Rig((tables, end) -> HelperProgram.probe(tables, end, Rig.VNI + 1, Rig.address(Rig.REMOTE)))) {
            rig.installToPort(1);
            assertEquals(Verdict.DROP, rig.verdict(frame(1).build()));
        }
        try (Rig rig = new Rig((tables, end) -> HelperProgram.probe(tables, end, Rig.VNI, Rig.address("198.18.0.3")))) {
            rig.installToPort(1);
            assertEquals(Verdict.DROP, rig.verdict(frame(1).build()), "an unknown VTEP");
        }
    }
}
