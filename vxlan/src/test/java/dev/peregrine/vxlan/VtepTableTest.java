package dev.peregrine.vxlan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.Seed;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VtepTableTest {
    private static final int PORT = 4789;

    private final VtepTable table = new VtepTable(PORT, 64);

    private static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    private static AllowList allow(String... prefixes) {
        List<Prefix> list = new ArrayList<>();
        for (String prefix : prefixes) {
            int slash = prefix.indexOf('/');
            int length = Integer.parseInt(prefix.substring(slash + 1));
            list.add(new Prefix(ip(prefix.substring(0, slash)).toInetAddress(), length));
        }
        return AllowList.of(list);
    }

    private int port(VtepTable table, String address) {
        return table.port(ip(address).high(), ip(address).low());
    }

    @Test
    void knowsConfiguredVtepsOnly() {
        RemoteVtep vtep = table.configure(ip("198.18.0.1"));
        assertNotNull(vtep);
        assertEquals(vtep.port(), port(table, "198.18.0.1"));
        assertEquals(Packet.NO_PORT, port(table, "198.18.0.2"));
        assertSame(vtep, table.behind(vtep.port()));
        assertEquals("198.18.0.1:4789", vtep.destination().toString());
        assertEquals(1, table.size());
    }

    @Test
    void tellsIpv4FromIpv6() {
        RemoteVtep four = table.configure(ip("198.18.0.1"));
        RemoteVtep six = table.configure(ip("fd00::c612:1"));
        assertNotNull(four);
        assertNotNull(six);
        assertTrue(four.address().isIpv4());
        assertFalse(six.address().isIpv4());
        assertEquals("[fd00::c612:1]:4789", six.destination().toString());
        assertEquals(six.port(), port(table, "fd00::c612:1"));
    }

    @Test
    void insertsAllowedSenderWithItsFirstDatagram() {
        table.allow(allow("198.18.0.0/24"));
        int port = port(table, "198.18.0.9");
        assertTrue(Ports.isTunnel(port));
        assertEquals(port, port(table, "198.18.0.9"));
        RemoteVtep vtep = table.behind(port);
        assertNotNull(vtep);
        assertFalse(vtep.isConfigured());
        assertEquals(Packet.NO_PORT, port(table, "198.18.1.9"));
        assertEquals(1, table.size());
    }

    @Test
    void stopsAllowingWhatTheListHasNoLonger() {
        table.allow(allow("198.18.0.0/24"));
        int port = port(table, "198.18.0.9");
        table.allow(AllowList.CONFIGURED);
        assertEquals(Packet.NO_PORT, port(table, "198.18.0.9"));
        table.configure(ip("198.18.0.9"));
        assertEquals(port, port(table, "198.18.0.9"));
    }

    @Test
    void unconfiguredVtepKeepsItsPortButIsNotAllowed() {
        RemoteVtep vtep = table.configure(ip("198.18.0.1"));
        assertNotNull(vtep);
        table.unconfigure(vtep);
        assertEquals(Packet.NO_PORT, port(table, "198.18.0.1"));
        assertSame(vtep, table.behind(vtep.port()));
        assertSame(vtep, table.configure(ip("198.18.0.1")));
        assertEquals(vtep.port(), port(table, "198.18.0.1"));
    }

    @Test
    void anExplicitListIsTheWholeList() {
        RemoteVtep inside = table.configure(ip("198.18.0.1"));
        RemoteVtep outside = table.configure(ip("198.18.1.1"));
        assertNotNull(inside);
        assertNotNull(outside);
        assertEquals(outside.port(), port(table, "198.18.1.1"), "nobody is named: whoever is configured");
        table.allow(allow("198.18.0.0/24"));
        assertEquals(inside.port(), port(table, "198.18.0.1"));
        assertEquals(Packet.NO_PORT, port(table, "198.18.1.1"), "it is sent to, and not accepted");
        assertSame(outside, table.know(ip("198.18.1.1")));
        assertEquals(Packet.NO_PORT, port(table, "198.18.1.1"));
    }

    @Test
    void aVtepThatIsOnlyKnownIsNotAccepted() {
        RemoteVtep vtep = table.know(ip("198.18.0.7"));
        assertNotNull(vtep);
        assertEquals(Packet.NO_PORT, port(table, "198.18.0.7"));
        assertSame(vtep, table.behind(vtep.port()));
    }

    @Test
    void fullTableTakesNoOneElse() {
        VtepTable small = new VtepTable(PORT, 2);
        small.allow(allow("198.18.0.0/24"));
        int first = port(small, "198.18.0.1");
        int second = port(small, "198.18.0.2");
        assertEquals(VtepTable.NO_ROOM, port(small, "198.18.0.3"));
        assertEquals(Packet.NO_PORT, port(small, "10.0.0.1"));
        assertNotNull(small.configure(ip("198.18.0.4")), "strangers lock out nobody who is configured");
        assertNotNull(small.configure(ip("198.18.0.2")));
        assertNull(small.configure(ip("198.18.0.5")));
        assertTrue(Ports.isTunnel(port(small, "198.18.0.3")), "the place of the one who is configured now");
        assertEquals(first, port(small, "198.18.0.1"));
        assertEquals(second, port(small, "198.18.0.2"));
        assertEquals(4, small.size());
    }

    @Test
    void aRetiredVtepKeepsItsPortUntilThatIsReused() {
        VtepTable small = new VtepTable(PORT, 1);
        small.allow(allow("198.18.0.0/24"));
        RemoteVtep gone = small.behind(port(small, "198.18.0.1"));
        assertNotNull(gone);
        small.retire(List.of(gone));
        assertEquals(0, small.size());
        assertEquals(List.of(), small.list());
        assertSame(gone, small.behind(gone.port()), "packets that were decided before still name it");

        int next = port(small, "198.18.0.2");
        assertTrue(Ports.isTunnel(next), "its place is free");
        assertNotEquals(gone.port(), next, "its port is not");
        assertEquals(VtepTable.NO_ROOM, port(small, "198.18.0.1"));

        small.reuse(List.of(gone));
        assertNull(small.behind(gone.port()));
        assertEquals(
                gone.port(),
                Objects.requireNonNull(small.configure(ip("198.18.0.3"))).port());
    }

    @Test
    void configuredVtepsDoNotRetire() {
        RemoteVtep vtep = table.configure(ip("198.18.0.1"));
        assertNotNull(vtep);
        table.retire(List.of(vtep));
        table.reuse(List.of(vtep));
        assertEquals(vtep.port(), port(table, "198.18.0.1"));
        assertSame(vtep, table.behind(vtep.port()));
    }

    @Test
    void findsNothingBehindPortsThatAreNone() {
        assertNull(table.behind(Packet.NO_PORT));
        assertNull(table.behind(3));
        assertNull(table.behind(Ports.tunnel(0)));
        assertNull(table.behind(Ports.tunnel(table.slots())));
        assertNull(table.behind(Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.0/24, 198.18.0.255, true",
        "198.18.0.0/24, 198.18.1.0, false",
        "198.18.0.77/24, 198.18.0.1, true",
        "198.18.0.1/32, 198.18.0.1, true",
        "198.18.0.1/32, 198.18.0.2, false",
        "0.0.0.0/0, 10.9.8.7, true",
        "0.0.0.0/0, fd00::1, false",
        "fd00::/64, fd00::1, true",
        "fd00::/64, fd00:0:0:1::1, false",
        "fd00::/127, fd00::1, true",
        "fd00::/127, fd00::2, false",
        "fd00::1/128, fd00::1, true",
        "::/0, fd00::1, true",
    })
    void allowsByPrefix(String prefix, String address, boolean allowed) {
        assertEquals(
                allowed, allow(prefix).contains(ip(address).high(), ip(address).low()));
    }

    @Test
    void workersThatRaceAgreeOnEveryPort() throws Exception {
        long seed = System.nanoTime();
        int workers = 4;
        int capacity = 500;
        VtepTable shared = new VtepTable(PORT, capacity);
        shared.allow(allow("198.18.0.0/16"));
        CyclicBarrier start = new CyclicBarrier(workers);
        List<Map<Long, Integer>> seen = race(workers, worker -> {
            Random random = new Random(seed + worker);
            Map<Long, Integer> ports = new HashMap<>();
            start.await();
            for (int i = 0; i < 20_000; i++) {
                long low = 0xffff_c612_0000L + random.nextInt(capacity * 2);
                int port = shared.port(0, low);
                Integer before = ports.put(low, port);
                assertTrue(
                        before == null || before == port || before == VtepTable.NO_ROOM,
                        "a port changed from " + before + " to " + port + ", seed " + seed);
            }
            return ports;
        });
        assertEquals(capacity, shared.size(), "seed " + seed);
        assertEquals(capacity, shared.list().size(), "seed " + seed);
        Map<Long, Integer> truth = shared.list().stream()
                .collect(Collectors.toMap(vtep -> vtep.address().low(), RemoteVtep::port));
        for (Map<Long, Integer> ports : seen) {
            ports.forEach((low, port) -> {
                if (port != VtepTable.NO_ROOM) {
                    assertEquals(truth.get(low), port, "seed " + seed);
                }
            });
        }
    }

    @Test
    void changedAllowListHoldsForVtepsInsertedMeanwhile() throws Exception {
        for (int round = 0; round < Seed.rounds(200); round++) {
            VtepTable shared = new VtepTable(PORT, 64);
            shared.allow(allow("198.18.0.0/16"));
            CyclicBarrier start = new CyclicBarrier(2);
            race(2, worker -> {
                start.await();
                if (worker == 0) {
                    shared.allow(AllowList.CONFIGURED);
                } else {
                    for (int i = 0; i < 64; i++) {
                        shared.port(0, 0xffff_c612_0000L + i);
                    }
                }
                return Map.of();
            });
            for (RemoteVtep vtep : shared.list()) {
                assertFalse(shared.isAllowed(vtep), vtep + " is still allowed, round " + round);
            }
        }
    }

    private interface Racer {
        Map<Long, Integer> run(int worker) throws Exception;
    }

    private static List<Map<Long, Integer>> race(int workers, Racer racer) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Future<Map<Long, Integer>>> futures = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                int worker = i;
                Callable<Map<Long, Integer>> run = () -> racer.run(worker);
                futures.add(pool.submit(run));
            }
            List<Map<Long, Integer>> results = new ArrayList<>();
            for (Future<Map<Long, Integer>> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }
}
