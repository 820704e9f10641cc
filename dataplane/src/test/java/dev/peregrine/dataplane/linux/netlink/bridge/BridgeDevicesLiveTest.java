package dev.peregrine.dataplane.linux.netlink.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourListener.Reading;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class BridgeDevicesLiveTest {
    private static final long MAC = 0x02_00_00_00_42_02L;
    private static final String TEXT = "02:00:00:00:42:02";

    /** Bridge {@code b0} with a VXLAN device {@code v0} of VNI 42. */
    private static int[] devices() throws Exception {
        try (BridgeDevices devices = BridgeDevices.open();
                Netlink netlink = Netlink.open()) {
            devices.addBridge("b0", 20_000_000);
            devices.addVxlan("v0", 42, InetAddress.getByName("198.18.1.2"), 14_789);
            Link bridge = netlink.link("b0").orElseThrow();
            Link vxlan = netlink.link("v0").orElseThrow();
            devices.addQuietPort(bridge, vxlan);
            netlink.up(bridge);
            netlink.up(vxlan);
            return new int[] {bridge.index(), vxlan.index()};
        }
    }

    @Test
    void devicesAreAsAskedFor() throws LinuxException {
        try (Namespace live = Live.namespace().quiet()) {
            live.inside(BridgeDevicesLiveTest::devices);
            String bridge = live.ip("-d link show b0");
            assertTrue(bridge.contains("ageing_time 2000000000") && bridge.contains("mcast_snooping 0"), bridge);
            String vxlan = live.ip("-d link show v0");
            for (String word : List.of(
                    "vxlan id 42 local 198.18.1.2",
                    "dstport 14789",
                    "nolearning",
                    "master b0",
                    "learning off flood off",
                    "neigh_suppress off",
                    "mcast_flood off",
                    "bcast_flood off")) {
                assertTrue(vxlan.contains(word), word + ": " + vxlan);
            }
        }
    }

    @Test
    void devicesGoTogether() throws LinuxException {
        try (Namespace live = Live.namespace().quiet()) {
            live.ip("link add other type veth peer name far");
            live.inside(BridgeDevicesLiveTest::devices);
            live.inside(() -> {
                try (BridgeDevices devices = BridgeDevices.open();
                        Netlink netlink = Netlink.open()) {
                    devices.delete(
                            List.of(
                                    netlink.link("b0").orElseThrow(),
                                    netlink.link("v0").orElseThrow()),
                            77);
                }
                return true;
            });
            String left = live.ip("-o link");
            assertFalse(left.contains(": b0:") || left.contains(": v0:"), left);
            assertTrue(left.contains(": other@far:"), left);
        }
    }

    @Test
    void entriesAreWrittenListedHeardAndTakenBack() throws Exception {
        try (Namespace live = Live.namespace().quiet()) {
            live.inside(() -> {
                writeListHearAndTakeBack(live);
                return true;
            });
        }
    }

    private static void writeListHearAndTakeBack(Namespace live) throws Exception {
        int[] links = devices();
        try (NeighbourSocket socket = NeighbourSocket.open();
                NeighbourListener listener = NeighbourListener.open(1 << 20)) {
            InetAddress v4 = InetAddress.getByName("198.19.1.2");
            socket.learn(links[1], MAC);
            socket.learn(links[1], MAC);
            socket.addNeighbour(links[0], v4, MAC);
            String shown = live.output("bridge", "fdb", "show", "dev", "v0");
            assertTrue(shown.contains(TEXT + " master b0"), shown);
            assertTrue(live.ip("neigh show nud noarp dev b0").contains("198.19.1.2 lladdr " + TEXT));

            List<NeighbourEntry> listed = new ArrayList<>();
            socket.forwarding(listed::add);
            socket.neighbours(listed::add);
            listed.removeIf(entry -> entry.mac() != MAC);
            assertEquals(listed, heard(listener), "the list and the news have the same entries");
            assertEquals(2, listed.size());
            assertEquals(links[0], listed.getFirst().master());
            assertEquals(v4, listed.getLast().address());

            assertTrue(socket.forget(links[1], MAC));
            assertFalse(socket.forget(links[1], MAC));
            assertTrue(socket.deleteNeighbour(links[0], v4));
            assertFalse(socket.deleteNeighbour(links[0], v4));
            assertTrue(heard(listener).stream().anyMatch(NeighbourEntry::removed));
        }
    }

    private static List<NeighbourEntry> heard(NeighbourListener listener) throws LinuxException {
        List<NeighbourEntry> heard = new ArrayList<>();
        assertEquals(Reading.EMPTY, listener.read(1000, new NeighbourListener.Changes() {
            @Override
            public void entry(NeighbourEntry entry) {
                if (entry.mac() == MAC) heard.add(entry);
            }

            @Override
            public void linkGone(int index) {}
        }));
        return heard;
    }

    @Test
    void saysThatNewsWereLost() throws Exception {
        try (Namespace live = Live.namespace().quiet()) {
            live.inside(() -> {
                loseNews();
                return true;
            });
        }
    }

    private static void loseNews() throws Exception {
        int[] links = devices();
        try (NeighbourSocket socket = NeighbourSocket.open();
                NeighbourListener listener = NeighbourListener.open(64 * 1024)) {
            for (int i = 0; i < 2000; i++) socket.learn(links[1], MAC + 1 + i);
            assertEquals(Reading.LOST, listener.read(5000, new NeighbourListener.Changes() {
                @Override
                public void entry(NeighbourEntry entry) {}

                @Override
                public void linkGone(int index) {}
            }));
            assertEquals(List.of(), heard(listener), "what was queued before the loss is of other MACs");
        }
    }
}
