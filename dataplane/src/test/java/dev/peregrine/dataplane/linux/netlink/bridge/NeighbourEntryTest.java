package dev.peregrine.dataplane.linux.netlink.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages as Linux 6.18 sent them, and others. */
class NeighbourEntryTest {
    private static final long MAC_1 = 0x02_00_00_00_42_01L;
    private static final long MAC_2 = 0x02_00_00_00_42_02L;

    /** bridge fdb add 02:00:00:00:42:01 dev vx42 dst 198.18.1.2 self master extern_learn: the bridge's entry. */
    private static final String MASTER = "4c0000001c000000000000000000000007000000030000000200100"
            + "00a0002000200000042010000080009000200000008000f00000000001400030000000000000000000000000000000000";

    /** The VXLAN device's. */
    private static final String SELF =
            "440000001c00000000000000000000000700000003000000c00012010a0002000200000042010000"
                    + "08000100c61201021400030000000000000000000000000000000000";

    /** bridge fdb append 00:00:00:00:00:00 dev vx42 dst 198.18.1.2. */
    private static final String FLOOD =
            "440000001c00000000000000000000000700000003000000c00002010a000200000000000000000"
                    + "008000100c61201021400030000000000000000000000000000000000";

    /** bridge fdb del 02:00:00:00:42:02 dev p42 master, of an entry that was added dynamic. */
    private static final String GONE = "4c0000001d00000000000000000000000700000005000000020000000a000200020000004202000"
            + "0080009000200000008000f00000000001400030000000000020000000200000000000000";

    /** ip neigh add 198.19.1.1 lladdr 02:00:00:00:42:01 dev br42 nud noarp extern_learn. */
    private static final String NEIGHBOUR = "4c0000001c00000000000000e8310000020000000200000040001003080001"
            + "00c61301010a000200020000004201000008000400000000001400030000000000000000000000000001000000";

    /** ip neigh add fd19::1 lladdr 02:00:00:00:42:01 dev br42 nud noarp. */
    private static final String NEIGHBOUR_6 = "580000001c00000000000000e93100000a000000020000004000000114000100fd1900"
            + "000000000000000000000000010a000200020000004201000008000400000000001400030000000000000000000000000001000000";

    /** ip link del p42, shortened: the link itself, and before that its leaving the bridge. */
    private static final String LINK_GONE = "200000001100000000000000000000000000010005000000020000000000000000";

    private static final String PORT_GONE = "200000001100000000000000000000000700010005000000020000000000000000";

    private static List<Object> read(String... messages) {
        List<Object> seen = new ArrayList<>();
        for (String message : messages) {
            // The link messages above are cut to 32 bytes.
            byte[] bytes = HexFormat.of().parseHex(message.length() == 66 ? message.substring(0, 64) : message);
            NeighbourListener.parse(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), collect(seen));
        }
        return seen;
    }

    private static NeighbourListener.Changes collect(List<Object> seen) {
        return new NeighbourListener.Changes() {
            @Override
            public void entry(NeighbourEntry entry) {
                seen.add(entry);
            }

            @Override
            public void linkGone(int index) {
                seen.add(index);
            }
        };
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError("a literal address", e);
        }
    }

    private static NeighbourEntry bridge(
            boolean removed, int index, int state, int flags, long mac, @Nullable String vtep, int master) {
        InetAddress address = vtep == null ? null : address(vtep);
        return new NeighbourEntry(removed, NeighbourEntry.BRIDGE, index, state, flags, mac, address, master, 0);
    }

    @Test
    void forwardingEntries() {
        NeighbourEntry master = bridge(false, 3, 0x02, 0x10, MAC_1, null, 2);
        NeighbourEntry self = bridge(false, 3, 0xc0, 0x12, MAC_1, "198.18.1.2", 0);
        NeighbourEntry flood = bridge(false, 3, 0xc0, 0x02, 0, "198.18.1.2", 0);
        NeighbourEntry gone = bridge(true, 5, 0x02, 0, MAC_2, null, 2);
        assertEquals(List.of(master, self, flood, gone), read(MASTER, SELF, FLOOD, GONE));
        assertTrue(self.isSelf() && !master.isSelf());
        assertTrue(self.isExternallyLearned() && !flood.isExternallyLearned());
    }

    @Test
    void neighbours() {
        NeighbourEntry v4 = new NeighbourEntry(false, 2, 2, 0x40, 0x10, MAC_1, address("198.19.1.1"), 0, 0);
        NeighbourEntry v6 = new NeighbourEntry(false, 10, 2, 0x40, 0, MAC_1, address("fd19::1"), 0, 0);
        assertEquals(List.of(v4, v6), read(NEIGHBOUR, NEIGHBOUR_6));
        assertTrue(!v4.isUnanswered() && v4.isExternallyLearned() && !v6.isExternallyLearned());
    }

    @Test
    void aLinkThatGoesAndOneThatLeavesItsBridge() {
        assertEquals(List.of(5), read(PORT_GONE, LINK_GONE));
    }

    @Test
    void whatIsCutShortIsNoEntry() {
        byte[] whole = HexFormat.of().parseHex(SELF);
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer body = ByteBuffer.wrap(whole, 0, length)
                    .order(ByteOrder.nativeOrder())
                    .position(Math.min(16, length));
            NeighbourEntry entry = NeighbourEntry.parse(false, body);
            if (length < 16 + NeighbourEntry.SIZE) assertNull(entry);
            List<Object> seen = new ArrayList<>();
            NeighbourListener.parse(
                    ByteBuffer.wrap(whole, 0, length).slice().order(ByteOrder.nativeOrder()), collect(seen));
            assertEquals(List.of(), seen, "the header says more than there is");
        }
    }

    @SeededTest
    void noBytesLeadAstray() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        String[] templates = {MASTER, SELF, FLOOD, GONE, NEIGHBOUR, NEIGHBOUR_6};
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = HexFormat.of().parseHex(templates[random.nextInt(templates.length)]);
            for (int change = random.nextInt(5); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            List<Object> seen = new ArrayList<>();
            int length = random.nextInt(bytes.length + 1);
            NeighbourListener.parse(
                    ByteBuffer.wrap(bytes, 0, length).slice().order(ByteOrder.nativeOrder()), collect(seen));
            assertTrue(seen.size() <= length / 16, seed::toString);
        }
    }
}
