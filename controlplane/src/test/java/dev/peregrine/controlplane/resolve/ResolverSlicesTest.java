package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.vxlan.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Work that concerns all entries of a VNI is done a few of them at a time. */
class ResolverSlicesTest {
    private static final int VNI = 42;
    private static final int STATIONS = 5000;

    /** Entries that a tick visits, with those that happen to be in the last bucket. */
    private static final int SLICE = 250;

    private final RecordedTables tables = new RecordedTables();
    private final Resolver resolver =
            new Resolver(RandomClaims.vtep(1), "here", "1", ResolverSettings.DEFAULT, ResolverEvents.NONE);
    private final Feed feed = resolver.plane(new PlaneSettings("p"), new FakePlane());
    private long now;

    private void settle() {
        long next = resolver.tick(now);
        while (resolver.drain(tables, 100) || next == 0) next = resolver.tick(now);
    }

    private void picture() {
        resolver.vni(VNI, List.of("p"), false, 0);
        feed.begin();
        for (int i = 0; i < STATIONS; i++) {
            IpAddress vtep = RandomClaims.vtep(100 + i / 100);
            feed.claim(new Claim.Station(
                    VNI, 0x0200_0000_0000L + i, vtep, 0, false, List.of(RandomClaims.vtep(10_000 + i))));
        }
        feed.complete();
        feed.state(PlaneState.LIVE, "");
        settle();
        assertEquals(STATIONS, tables.stations.size());
        assertEquals(STATIONS, tables.neighbours.size());
    }

    private int claims() {
        return resolver.planes().getFirst().claims();
    }

    @Test
    void aVniThatEndsDropsAFewClaimsATick() {
        picture();
        resolver.vni(VNI, List.of(), false, 0);
        for (int before = claims(); before > 0; before = claims()) {
            long next = resolver.tick(now);
            assertEquals(0, next, "more to do");
            assertTrue(before - claims() <= SLICE, () -> "claims of " + STATIONS + " left: " + claims());
        }
        settle();
        assertEquals(new RecordedTables().text(), tables.text());
    }

    @Test
    void aVniIsToldAgainAFewEntriesATick() {
        picture();
        String told = tables.text();
        int before = tables.calls;
        tables.stations.clear();
        tables.neighbours.clear();
        tables.members.clear();
        resolver.tellAgain(VNI);
        resolver.tick(now);
        resolver.drain(tables, Integer.MAX_VALUE);
        assertTrue(tables.calls - before <= 2 * SLICE, () -> tables.calls - before + " calls");
        settle();
        assertEquals(told, tables.text());
        assertTrue(tables.calls - before >= 2 * STATIONS);
    }

    private static final class Numbered extends EntryTable.Entry<Numbered> {
        private final long number;

        Numbered(long number) {
            this.number = number;
        }

        @Override
        long high() {
            return number;
        }

        @Override
        long low() {
            return 0;
        }
    }

    @Test
    void aWalkVisitsAllThatStaysWhileOthersComeAndGo() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int trial = 0; trial < 100; trial++) {
            EntryTable<Numbered> table = new EntryTable<>(random.nextLong());
            Map<Long, Numbered> there = new HashMap<>();
            for (int i = random.nextInt(300); i > 0; i--) change(table, there, random, 0);
            Map<Long, Numbered> unseen = new HashMap<>(there);
            EntryTable<Numbered>.Walk walk = table.walk();
            int removals = random.nextInt(4);
            while (walk.step(5, number -> unseen.remove(number.number))) {
                for (int i = random.nextInt(50); i > 0; i--) change(table, there, random, removals);
            }
            unseen.keySet().retainAll(there.keySet());
            assertEquals(Map.of(), unseen, "seed " + seed + ", trial " + trial);
        }
    }

    /** Adds a number that is new, or removes one that is there. */
    private static void change(
            EntryTable<Numbered> table, Map<Long, Numbered> there, SplittableRandom random, int removals) {
        if (!there.isEmpty() && random.nextInt(4) < removals) {
            Numbered gone = there.values().iterator().next();
            there.remove(gone.number);
            table.remove(gone);
        } else {
            Numbered fresh = new Numbered(random.nextLong());
            there.put(fresh.number, fresh);
            table.add(fresh);
        }
    }
}
