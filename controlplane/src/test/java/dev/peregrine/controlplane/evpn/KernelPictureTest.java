package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourEntry;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KernelPictureTest {
    private static final Shadow SHADOW = new Shadow(42, 2, 3, 5);
    private static final int REMOTE = SHADOW.vxlan();
    private static final int LOCAL = SHADOW.port();
    private static final long MAC = 0x02_00_00_00_42_01L;
    private static final String VTEP_1 = "198.18.1.1";
    private static final String VTEP_2 = "198.18.1.2";
    private static final String ADDRESS = "198.19.1.1";

    private final List<String> events = new ArrayList<>();
    private final Map<Claim.Key, Claim> told = new HashMap<>();
    private final KernelPicture picture = new KernelPicture(new KernelPicture.Output() {
        @Override
        public void claim(Claim claim) {
            events.add("claim " + claim.key());
            told.put(claim.key(), claim);
        }

        @Override
        public void replaced(Claim.Key key) {
            events.add("replaced " + key);
            assertTrue(told.remove(key) != null, key::toString);
        }

        @Override
        public void vanished(Claim.Key key) {
            events.add("vanished " + key);
            assertTrue(told.remove(key) != null, key::toString);
        }

        @Override
        public void localChanged(int vni, long mac) {
            events.add("local " + vni + " " + mac);
        }

        @Override
        public void malformed(Claim.@Nullable Key key, String what) {
            events.add(what);
        }
    });

    KernelPictureTest() {
        picture.add(SHADOW);
    }

    private static InetAddress inet(String text) {
        return EvpnLab.ip(text).toInetAddress();
    }

    private void leads(boolean removed, int port, long mac) {
        picture.entry(new NeighbourEntry(
                removed, NeighbourEntry.BRIDGE, port, NeighbourEntry.REACHABLE, 0, mac, null, SHADOW.bridge(), 0));
    }

    private void names(boolean removed, long mac, String vtep) {
        picture.entry(new NeighbourEntry(
                removed, NeighbourEntry.BRIDGE, REMOTE, NeighbourEntry.NOARP, 0x12, mac, inet(vtep), 0, 0));
    }

    private void neighbour(boolean removed, boolean remote, String address, long mac) {
        picture.entry(new NeighbourEntry(
                removed, 2, SHADOW.bridge(), NeighbourEntry.NOARP, remote ? 0x10 : 0, mac, inet(address), 0, 0));
    }

    private Claim.@Nullable Station station(String vtep) {
        return (Claim.Station) told.get(new Claim.StationKey(42, MAC, EvpnLab.ip(vtep)));
    }

    private static Claim.Station of(String vtep, String... addresses) {
        List<IpAddress> parsed =
                java.util.stream.Stream.of(addresses).map(EvpnLab::ip).toList();
        return new Claim.Station(42, MAC, EvpnLab.ip(vtep), 0, false, parsed);
    }

    @Test
    void aStationTakesBothEntriesInAnyOrder() {
        leads(false, REMOTE, MAC);
        assertEquals(null, station(VTEP_1));
        names(false, MAC, VTEP_1);
        assertEquals(of(VTEP_1), station(VTEP_1));
        assertEquals(
                List.of(
                        "claim " + new Claim.VtepKey(EvpnLab.ip(VTEP_1)),
                        "claim " + of(VTEP_1).key()),
                events);
        leads(true, REMOTE, MAC);
        assertEquals(Map.of(), told);
        assertTrue(events.getLast().startsWith("vanished " + new Claim.VtepKey(EvpnLab.ip(VTEP_1))), events::toString);
        leads(false, REMOTE, MAC);
        assertEquals(of(VTEP_1), station(VTEP_1), "the device's own entry stayed");
    }

    @Test
    void aStationThatComesToUsIsReplacedThoughItsVtepStaysNamed() {
        leads(false, REMOTE, MAC);
        names(false, MAC, VTEP_1);
        leads(false, LOCAL, MAC);
        assertTrue(events.contains("replaced " + of(VTEP_1).key()), events::toString);
        assertEquals(1, picture.locals());
        events.clear();
        leads(false, REMOTE, MAC);
        assertTrue(events.contains("local 42 " + MAC), events::toString);
        assertEquals(of(VTEP_1), station(VTEP_1));
    }

    @Test
    void aStationThatGoesFromOneVtepToAnotherIsNeverAtNone() {
        leads(false, REMOTE, MAC);
        names(false, MAC, VTEP_1);
        events.clear();
        names(false, MAC, VTEP_2);
        assertEquals(
                List.of(
                        "claim " + new Claim.VtepKey(EvpnLab.ip(VTEP_2)),
                        "claim " + of(VTEP_2).key(),
                        "replaced " + of(VTEP_1).key(),
                        "replaced " + new Claim.VtepKey(EvpnLab.ip(VTEP_1))),
                events);
        names(true, MAC, VTEP_1);
        assertEquals(of(VTEP_2), station(VTEP_2), "a late message about the earlier VTEP");
    }

    @Test
    void whoTakesAStationOfOursHasAHigherSequenceNumber() {
        leads(false, LOCAL, MAC);
        segment().announced(MAC, 4);
        leads(false, REMOTE, MAC);
        names(false, MAC, VTEP_1);
        Claim.Station taken = station(VTEP_1);
        assertEquals(5, taken == null ? 0 : taken.sequence());
        picture.clear();
        leads(false, REMOTE, MAC);
        names(false, MAC, VTEP_1);
        assertEquals(taken, station(VTEP_1), "also after the entries were read again");
    }

    private Segment segment() {
        return java.util.Objects.requireNonNull(picture.segment(42), "the VNI was added");
    }

    @Test
    void addressesFollowTheirMac() {
        neighbour(false, true, ADDRESS, MAC);
        leads(false, REMOTE, MAC);
        names(false, MAC, VTEP_1);
        neighbour(false, true, "fd19::1", MAC);
        assertEquals(of(VTEP_1, ADDRESS, "fd19::1"), station(VTEP_1));
        neighbour(false, true, ADDRESS, MAC + 1);
        assertEquals(of(VTEP_1, "fd19::1"), station(VTEP_1));
        neighbour(true, true, "fd19::1", MAC);
        assertEquals(of(VTEP_1), station(VTEP_1));
    }

    @Test
    void ourAddressesAreNoClaims() {
        leads(false, LOCAL, MAC);
        neighbour(false, false, ADDRESS, MAC);
        assertEquals(List.of(EvpnLab.ip(ADDRESS)), segment().ownAddresses(MAC));
        assertEquals(List.of(), events);
        neighbour(false, true, ADDRESS, MAC + 1);
        assertEquals(List.of("local 42 " + MAC), events, "another VTEP has it now");
    }

    @Test
    void anEthernetSegmentIsRefused() {
        picture.entry(new NeighbourEntry(false, NeighbourEntry.BRIDGE, REMOTE, 0xc0, 0x12, MAC, null, 0, 77));
        assertEquals(1, events.size());
        assertTrue(events.getFirst().contains("Ethernet segment"), events::toString);
    }

    @Test
    void otherDevicesAndTheBridgesOwnAddressesDoNotCount() {
        picture.entry(new NeighbourEntry(false, NeighbourEntry.BRIDGE, 9, 0xc0, 2, MAC, inet(VTEP_1), 0, 0));
        picture.entry(new NeighbourEntry(
                false, NeighbourEntry.BRIDGE, LOCAL, NeighbourEntry.PERMANENT, 0, MAC, null, SHADOW.bridge(), 0));
        neighbour(false, false, "224.0.0.22", 0x01_00_5e_00_00_16L);
        assertEquals(List.of(), events);
        assertEquals(0, picture.locals());
        assertEquals(List.of(), segment().ownMacs());
    }

    /** In any order of messages, the claims that were told step by step equal those of the entries in the end. */
    @SeededTest
    void whatIsToldIsWhatIsThere() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        Map<Long, Integer> ports = new HashMap<>();
        Map<Long, String> vteps = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            long mac = MAC + random.nextInt(4);
            String vtep = random.nextBoolean() ? VTEP_1 : VTEP_2;
            boolean removed = random.nextInt(3) == 0;
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    int port = random.nextBoolean() ? REMOTE : LOCAL;
                    leads(removed, port, mac);
                    if (!removed) ports.put(mac, port);
                    else ports.remove(mac, port);
                }
                case 2, 3 -> {
                    names(removed, mac, vtep);
                    if (!removed) vteps.put(mac, vtep);
                    else vteps.remove(mac, vtep);
                }
                default -> neighbour(removed, random.nextBoolean(), "198.19.1." + random.nextInt(1, 4), mac);
            }
            for (long each = MAC; each < MAC + 4; each++) {
                for (String one : List.of(VTEP_1, VTEP_2)) {
                    boolean expected = ports.getOrDefault(each, 0) == REMOTE && one.equals(vteps.get(each));
                    Claim.StationKey key = new Claim.StationKey(42, each, EvpnLab.ip(one));
                    assertEquals(expected, told.containsKey(key), seed::toString);
                }
            }
            assertEquals(
                    ports.values().stream().filter(port -> port == LOCAL).count(), picture.locals(), seed::toString);
            Map<Claim.Key, Claim> reported = new HashMap<>();
            picture.report(claim -> reported.put(claim.key(), claim));
            assertEquals(reported, told, seed::toString);
        }
    }
}
