package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.offload.ProbeFrame;
import dev.peregrine.dataplane.offload.ProbeResult;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.RefusedCall;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("live")
class TapCheckLiveTest {
    private static final Set<TapOffload> ALL = EnumSet.allOf(TapOffload.class);
    private static final Set<TapOffload> NONE = EnumSet.noneOf(TapOffload.class);

    @ParameterizedTest
    @EnumSource(TapOffload.class)
    void passesWhatThisKernelDoes(TapOffload offload) {
        Live.requireTap();
        assertEquals(ProbeResult.same(), TapCheck.run().result(offload));
    }

    /** Else equal bytes would prove nothing. */
    @Test
    void findsASegmentThatIsMissing() throws LinuxException {
        Live.requireTap();
        ProbeFrame whole = ProbeFrame.tcp(false, 0);
        ProbeFrame other = ProbeFrame.tcp(true, 0);
        NetNamespace.callInNew(() -> {
            try (TapPair pair = TapPair.open()) {
                List<byte[]> plain = pair.carry(whole, NONE, NONE);
                assertEquals(whole.segments(), plain.size());
                assertFalse(ProbeResult.of("frames", plain, pair.carry(other, ALL, ALL))
                        .passed());
                assertFalse(ProbeResult.of("frames", plain, plain.subList(1, plain.size()))
                        .passed());
            }
            return true;
        });
    }

    /** The frame stays in the device, which stays readable. */
    @Test
    @Timeout(30)
    void endsWhenAFrameIsThereAndCannotBeRead() throws LinuxException {
        Live.requireTap();
        ProbeFrame frame = ProbeFrame.tcp(false, 0);
        int came = NetNamespace.callInNew(() -> {
            try (TapPair pair = TapPair.open()) {
                assertEquals(frame.segments(), pair.carry(frame, NONE, NONE).size()); // what it links is linked
                RefusedCall.onThisThread(RefusedCall.READ, pair.readDescriptor());
                return pair.carry(frame, NONE, NONE).size();
            }
        });
        assertEquals(0, came);
    }

    @Test
    void switchesOffWhatDidNotPass() {
        TapCheck failed = TapCheck.all(ProbeResult.differs("this"));
        assertEquals(NONE, failed.passed(ALL));
        for (Offload offload : new TapOffloadSwitches(ALL, ALL, failed).offloads()) {
            assertFalse(offload.enabled(), offload::toString);
            assertTrue(offload.reason().endsWith("this"), offload::toString);
        }
    }

    @Test
    void leavesOnWhatCouldNotBeTried() {
        TapCheck untried = TapCheck.all(ProbeResult.notMade("no bridge"));
        for (Offload offload : new TapOffloadSwitches(ALL, ALL, untried).offloads()) {
            assertEquals(new Offload(offload.name(), true, "not checked: no bridge"), offload);
        }
    }
}
