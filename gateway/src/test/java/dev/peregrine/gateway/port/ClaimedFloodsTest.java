package dev.peregrine.gateway.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The receivers of floods of many segments with many claimed members. */
class ClaimedFloodsTest {
    private static final int SEGMENTS = 64;
    private static final int MEMBERS = 1000;

    private Tables tables;

    @BeforeEach
    void everySegmentHasMembers(@TempDir Path folder) throws Exception {
        String vnis = IntStream.rangeClosed(1, SEGMENTS)
                .mapToObj(vni -> "  - {vni: " + vni + "}\n")
                .collect(Collectors.joining());
        String text = "underlay: {local: 198.18.0.1, device: lo}\nvnis:\n" + vnis;
        GatewayConfig config = ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), text))
                .config();
        Budget budget = new Budget(config, 1);
        tables = new Tables(config, new Segments(budget.vniPlaces()), budget, () -> {});
        for (VniConfig vni : config.vnis()) {
            int segment = tables.prepareSegment(vni, 1450);
            tables.joinFlood(segment, tunnel(0));
            tables.claimedFlood(segment, members(MEMBERS));
        }
        tables.publishClaimedFloods();
    }

    private static int tunnel(int index) {
        return Ports.FIRST_TUNNEL + index;
    }

    private static int[] members(int count) {
        return IntStream.range(0, count).map(ClaimedFloodsTest::tunnel).toArray();
    }

    private FloodGroups groups() {
        return tables.bridge().groups();
    }

    @Test
    void aMemberThatIsConfiguredAndClaimedIsOne() {
        assertEquals(MEMBERS, groups().size(1));
        tables.claimedFlood(1, members(2));
        assertEquals(MEMBERS, groups().size(1), "published already");
        tables.publishClaimedFloods();
        assertEquals(2, groups().size(1));
        tables.leaveFlood(1, tunnel(0));
        assertTrue(groups().has(1, tunnel(0)), "it is claimed");
        tables.claimedFlood(1, new int[0]);
        tables.publishClaimedFloods();
        assertFalse(groups().has(1, tunnel(0)));
        assertEquals(MEMBERS, groups().size(2));
        tables.closeSegment(2);
        assertEquals(0, groups().size(2));
    }

    /** A picture of many members changes one segment after the other: the work for each is that of its own members. */
    @Test
    void aChangeOfOneSegmentLeavesTheOthersAlone() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        tables.claimedFlood(0, members(1));
        tables.publishClaimedFloods();
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(1, groups().size(0));
        assertTrue(bytes < MEMBERS * Integer.BYTES * SEGMENTS / 2, bytes + " bytes");
    }
}
