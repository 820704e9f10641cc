package dev.peregrine.vxlan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentTableTest {
    @Test
    void findsEveryVniAndNoOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, Integer> model = new HashMap<>();
        List<Segment> segments = new ArrayList<>();
        for (int index = 0; index < 3000; index++) {
            int vni = random.nextInt(Vni.MAX + 1);
            if (model.putIfAbsent(vni, index) == null) {
                segments.add(new Segment(index, vni, 1000 + index, index % 2 == 0));
            }
        }
        SegmentTable table = SegmentTable.of(segments);
        for (Segment segment : segments) {
            int index = table.indexOf(segment.vni());
            assertEquals(segment.index(), index, "seed " + seed);
            assertTrue(table.contains(index));
            assertEquals(segment.vni(), table.vni(index));
            assertEquals(segment.mtu(), table.mtu(index));
            assertEquals(segment.carriesTags(), table.carriesTags(index));
        }
        for (int i = 0; i < 10_000; i++) {
            int vni = random.nextInt(Vni.MAX + 1);
            assertEquals(model.getOrDefault(vni, -1), table.indexOf(vni), "VNI " + vni + ", seed " + seed);
        }
    }

    @Test
    void emptyTableFindsNothing() {
        assertEquals(-1, SegmentTable.EMPTY.indexOf(0));
        assertFalse(SegmentTable.EMPTY.contains(0));
        assertFalse(SegmentTable.EMPTY.contains(-1));
    }

    @Test
    void leavesGapsBetweenIndices() {
        SegmentTable table = SegmentTable.of(List.of(new Segment(5, 42, 1500, false)));
        assertFalse(table.contains(4));
        assertTrue(table.contains(5));
        assertFalse(table.contains(6));
        assertEquals(5, table.indexOf(42));
    }

    @Test
    void refusesDuplicatesAndBadValues() {
        Segment segment = new Segment(0, 42, 1500, false);
        assertThrows(
                IllegalArgumentException.class,
                () -> SegmentTable.of(List.of(segment, new Segment(1, 42, 1500, false))));
        assertThrows(
                IllegalArgumentException.class,
                () -> SegmentTable.of(List.of(segment, new Segment(0, 43, 1500, false))));
        assertThrows(IllegalArgumentException.class, () -> new Segment(0, Vni.MAX + 1, 1500, false));
        assertThrows(IllegalArgumentException.class, () -> new Segment(-1, 1, 1500, false));
        assertThrows(IllegalArgumentException.class, () -> new Segment(0, 1, 0, false));
    }

    @Test
    void knowsHeadersOfOneNetworkByTheirVniAndZerosOfPayloadByTheFlag() {
        SegmentTable table = SegmentTable.of(List.of(new Segment(0, 0, 1500, false), new Segment(1, 42, 1500, false)));
        long vni42 = 0x0800_0000_0000_2a00L;
        assertTrue(table.isSameNetwork(vni42, vni42));
        assertTrue(table.isSameNetwork(vni42, vni42 | 0x80_0000_0000_0001L), "reserved bits name no network");
        assertTrue(table.isSameNetwork(vni42, 0x2a00L), "without the flag it is no network's, and not another's");
        assertFalse(table.isSameNetwork(vni42, 0x0800_0000_0000_2b00L));
        long vni0 = 0x0800_0000_0000_0000L;
        assertTrue(table.isSameNetwork(vni0, vni0));
        assertFalse(table.isSameNetwork(vni0, 0), "zeros of payload");
    }
}
