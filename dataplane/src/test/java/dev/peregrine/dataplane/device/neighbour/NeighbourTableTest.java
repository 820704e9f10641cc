package dev.peregrine.dataplane.device.neighbour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.neighbour.Neighbour.Origin;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NeighbourTableTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAC = 0x0200_0000_0001L;
    private static final int SEGMENTS = 3;

    private final NeighbourTable table = new NeighbourTable(10_000);

    private record Key(int segment, long low) {}

    private record Value(long mac, boolean isRouter, Origin origin, long seen) {
        boolean isLearned() {
            return origin == Origin.LEARNED;
        }
    }

    @Test
    void aStaticEntryNeitherChangesNorAges() {
        table.configure(0, true, 10, 300 * SECOND);
        table.add(0, 0, 7, MAC, 0);
        table.learn(0, 1, 0, 7, MAC + 1, false, 0);
        assertEquals(0, table.age(1000 * SECOND));
        Neighbour entry = table.find(0, 0, 7);
        assertNotNull(entry);
        assertEquals(MAC, entry.mac);
        assertTrue(table.delete(0, 0, 7));
        assertFalse(table.delete(0, 0, 7));
        assertNull(table.find(0, 0, 7));
    }

    @Test
    void anEntryOfAControlPlaneStaysBeforeALearnedOneAndBehindAStaticOne() {
        table.configure(0, true, 10, 300 * SECOND);
        List<Long> vacated = new ArrayList<>();
        table.onVacancy((segment, high, low) -> vacated.add(low));
        table.learn(0, 1, 0, 7, MAC + 1, false, 0);
        assertTrue(table.give(0, 0, 7, MAC, 0));
        table.learn(0, 1, 0, 7, MAC + 1, false, 0);
        assertEquals(0, table.age(1000 * SECOND), "it does not age");
        assertEquals(new Value(MAC, false, Origin.CONTROL, 0), value(table.find(0, 0, 7)));
        table.add(0, 0, 7, MAC + 2, 0);
        assertFalse(table.give(0, 0, 7, MAC, 0));
        table.takeBack(0, 0, 7);
        assertEquals(new Value(MAC + 2, false, Origin.CONFIG, 0), value(table.find(0, 0, 7)));
        assertTrue(table.delete(0, 0, 7));
        assertEquals(List.of(7L), vacated, "the control plane's may come back");
    }

    @Test
    void findsEveryEntryWhileOthersComeAndGo() {
        for (int i = 0; i < 100; i++) {
            table.give(0, 0, i, MAC, 0);
        }
        for (int i = 100; i < 100_000; i++) {
            table.give(0, 0, i, MAC, 0);
            table.takeBack(0, 0, i);
        }
        for (int i = 0; i < 100; i++) {
            assertNotNull(table.find(0, 0, i));
        }
        assertEquals(100, table.size());
    }

    @Test
    void learnsNothingInASegmentThatNobodyConfigured() {
        table.learn(5, 1, 0, 7, MAC, false, 0);
        assertNull(table.find(5, 0, 7));
        assertEquals(0, table.size());
    }

    @Test
    void isUsedWhereASegmentSuppresses() {
        table.configure(2, false, 10, 0);
        assertFalse(table.isUsed());
        table.configure(1, true, 10, 0);
        assertTrue(table.isUsed());
    }

    @Test
    void behavesLikeAMapWithLimitsAndAges() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Map<Key, Value> model = new HashMap<>();
        int[] limits = {5, 200, 1000};
        long[] ageing = {20 * SECOND, 100 * SECOND, 0};
        for (int segment = 0; segment < SEGMENTS; segment++) {
            table.configure(segment, true, limits[segment], ageing[segment]);
        }
        long now = random.nextLong();
        for (int step = 0; step < Seed.rounds(20_000); step++) {
            String where = "seed " + seed + ", step " + step;
            now += random.nextLong(SECOND / 4);
            Key key = new Key(random.nextInt(SEGMENTS), random.nextLong(400));
            long mac = MAC + random.nextInt(3);
            switch (random.nextInt(100)) {
                case 0 -> assertEquals(age(model, ageing, now), table.age(now), where);
                case 1, 2 -> {
                    model.put(key, new Value(mac, false, Origin.CONFIG, now));
                    table.add(key.segment(), 0, key.low(), mac, now);
                }
                case 9, 10 -> {
                    Value old = model.get(key);
                    boolean isGiven = old == null || old.origin() != Origin.CONFIG;
                    if (isGiven && (old == null || old.isLearned() || old.mac() != mac)) {
                        model.put(key, new Value(mac, false, Origin.CONTROL, now));
                    }
                    assertEquals(isGiven, table.give(key.segment(), 0, key.low(), mac, now), where);
                }
                case 11, 12 -> {
                    model.computeIfPresent(key, (_, old) -> old.origin() == Origin.CONTROL ? null : old);
                    table.takeBack(key.segment(), 0, key.low());
                }
                case 3, 4, 5, 6, 7, 8 ->
                    assertEquals(model.remove(key) != null, table.delete(key.segment(), 0, key.low()), where);
                default -> {
                    boolean isRouter = random.nextBoolean();
                    learn(model, limits, key, new Value(mac, isRouter, Origin.LEARNED, now));
                    table.learn(key.segment(), random.nextInt(4), 0, key.low(), mac, isRouter, now);
                }
            }
            assertEquals(model.get(key), value(table.find(key.segment(), 0, key.low())), where);
            assertEquals(model.size(), table.size(), where);
            assertEquals(
                    model.keySet().stream()
                            .filter(each -> each.segment() == key.segment())
                            .count(),
                    table.size(key.segment()),
                    where);
            if (step % 1000 == 0) {
                Map<Key, Long> all = new HashMap<>();
                table.forEach((segment, high, low, itsMac, origin, isDoubted, seen) ->
                        assertNull(all.put(new Key(segment, low), itsMac), where));
                assertEquals(model.keySet(), all.keySet(), where);
            }
        }
    }

    private static @Nullable Value value(@Nullable Neighbour entry) {
        return entry == null ? null : new Value(entry.mac, entry.isRouter, entry.origin, entry.seenNanos());
    }

    private static void learn(Map<Key, Value> model, int[] limits, Key key, Value value) {
        Value old = model.get(key);
        long learned = model.entrySet().stream()
                .filter(e ->
                        e.getKey().segment() == key.segment() && e.getValue().isLearned())
                .count();
        if (old == null ? learned < limits[key.segment()] : old.isLearned()) {
            model.put(key, value);
        }
    }

    private static int age(Map<Key, Value> model, long[] ageing, long now) {
        int before = model.size();
        model.entrySet()
                .removeIf(e -> e.getValue().isLearned()
                        && ageing[e.getKey().segment()] > 0
                        && now - e.getValue().seen() >= ageing[e.getKey().segment()]);
        return before - model.size();
    }

    @Test
    void aSegmentHasItsOwnPlacesWhateverOthersLearn() {
        NeighbourTable small = new NeighbourTable(10);
        for (int segment = 0; segment < 2; segment++) {
            small.configure(segment, true, 10, 0);
            small.reserve(segment, 4);
        }
        for (int i = 0; i < 100; i++) {
            small.learn(0, 1, 0, i, MAC, false, 0);
        }
        assertEquals(6, small.size(0));
        for (int i = 0; i < 100; i++) {
            small.learn(1, 2, 0, i, MAC, false, 0);
        }
        assertEquals(4, small.size(1));
    }

    @Test
    void aHostThatClaimsManyAddressesDoesNotKeepThoseOfOthersOut() {
        table.configure(0, true, 10, 300 * SECOND);
        table.reserve(0, 1, 3);
        table.reserve(0, 2, 3);
        table.reserve(0, Ports.tunnel(0), 3);
        for (int i = 0; i < 100; i++) {
            table.learn(0, 1, 0, i, MAC, false, 0);
        }
        assertEquals(4, table.size());
        for (int i = 100; i < 200; i++) {
            table.learn(0, 2, 0, i, MAC + 1, false, 0);
            table.learn(0, Ports.tunnel(i), 0, 1000 + i, MAC + 2, false, 0);
        }
        assertEquals(10, table.size());
        assertEquals(MAC + 1, Objects.requireNonNull(table.find(0, 0, 102)).mac);
        assertEquals(MAC + 2, Objects.requireNonNull(table.find(0, 0, 1102)).mac);

        table.learn(0, 2, 0, 0, MAC + 1, false, 0); // the address is at the other port now
        table.learn(0, 1, 0, 500, MAC, false, 0);
        assertEquals(10, table.size(), "an address that moved took no more places");
        table.age(300 * SECOND);
        assertEquals(0, table.size());
    }
}
