package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Segmentation that failed on the way to one VTEP is left off for that one, for a while. */
class SegmentationPauseTest {
    private static final Offload CHECKED = new Offload("gso", true, "UDP_SEGMENT, checked");

    private final VtepTable vteps = new VtepTable(4789, 2);
    private final RemoteVtep one = vtep("198.18.0.1");
    private final RemoteVtep other = vtep("198.18.0.2");
    private final Segmentation segmentation = new Segmentation(CHECKED, vteps.slots());

    private RemoteVtep vtep(String address) {
        return Objects.requireNonNull(vteps.configure(IpAddress.of(InetAddress.ofLiteral(address))));
    }

    /** Ticks until messages go to the VTEP again. */
    private int pause() {
        int ticks = 0;
        for (; !segmentation.merges(one); ticks++) {
            segmentation.tick();
        }
        return ticks;
    }

    @Test
    void failureOnTheWayToOneVtepIsNoneForOthers() {
        segmentation.failed(one, Errno.EIO);
        assertFalse(segmentation.merges(one));
        assertTrue(segmentation.merges(other));
        assertFalse(segmentation.offload().enabled());
        assertTrue(segmentation.offload().reason().contains("198.18.0.1:4789 failed with EIO"));
        assertEquals(Segmentation.FIRST_PAUSE, pause());
        assertEquals(CHECKED, segmentation.offload());
    }

    @Test
    void pausesDoubleWhileItFailsAgainSoonAndNoFurtherThanTheLongest() {
        int expected = Segmentation.FIRST_PAUSE;
        for (int i = 0; i < 10; i++) {
            segmentation.failed(one, Errno.EIO);
            assertEquals(expected, pause());
            expected = Math.min(Segmentation.LONGEST_PAUSE, 2 * expected);
        }
        for (int i = 0; i < Segmentation.LONGEST_PAUSE; i++) {
            segmentation.tick();
        }
        segmentation.failed(one, Errno.EIO);
        assertEquals(Segmentation.FIRST_PAUSE, pause());
    }

    @Test
    void narrowRouteIsNoFaultOfTheOffload() {
        segmentation.failed(one, Errno.EMSGSIZE);
        assertFalse(segmentation.merges(one));
        assertEquals(CHECKED, segmentation.offload());
    }

    @Test
    void queueThatRefusesEveryMessageGetsDatagramsSingly() {
        for (int i = 0; i < 3 * Segmentation.REFUSALS_IN_A_ROW; i++) {
            segmentation.queueFull(one);
            if (i % 10 == 9) {
                segmentation.passed(one);
            }
        }
        assertTrue(segmentation.merges(one), "it was full now and then");
        segmentation.passed(one);
        for (int i = 0; i < Segmentation.REFUSALS_IN_A_ROW; i++) {
            assertTrue(segmentation.merges(one));
            segmentation.queueFull(one);
        }
        assertFalse(segmentation.merges(one));
        assertTrue(segmentation.merges(other));
        assertEquals(CHECKED, segmentation.offload());
        assertEquals(Segmentation.FIRST_PAUSE, pause());
    }
}
