package dev.peregrine.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class FlowCacheTest {
    /** Changes of bits in each word of a key. */
    private static final List<ObjLongConsumer<FlowKey>> CHANGES = List.of(
            (key, bits) -> key.tunnel ^= bits,
            (key, bits) -> key.macs ^= bits,
            (key, bits) -> key.rest ^= bits,
            (key, bits) -> key.ends ^= bits,
            (key, bits) -> key.address0 ^= bits,
            (key, bits) -> key.address1 ^= bits,
            (key, bits) -> key.address2 ^= bits,
            (key, bits) -> key.address3 ^= bits);

    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();

    private FlowCache cache(int capacity) {
        return new FlowCache(capacity, random.longs(8).toArray());
    }

    private static FlowKey key(long number) {
        FlowKey key = new FlowKey();
        key.macs = number;
        key.address0 = number * 31;
        return key;
    }

    private static int insert(FlowCache cache, FlowKey key) {
        return cache.insert(key, cache.hash(key), 0);
    }

    private static int find(FlowCache cache, FlowKey key) {
        return cache.find(key, cache.hash(key));
    }

    @Test
    void capacityIsRoundedUpToAPowerOfTwo() {
        for (int[] pair : new int[][] {{1, 8}, {8, 8}, {9, 16}, {16, 16}, {17, 32}, {1000, 1024}, {65536, 65536}}) {
            try (FlowCache cache = cache(pair[0])) {
                assertEquals(pair[1], cache.capacity(), "for " + pair[0]);
            }
        }
    }

    @RepeatedTest(5)
    void findsWhatAMapWouldUnlessItGaveWay() {
        try (FlowCache cache = cache(64)) {
            Map<Long, Long> model = new HashMap<>();
            Set<Long> evicted = new HashSet<>();
            for (int step = 0; step < 5000; step++) {
                long number = random.nextLong(200);
                FlowKey key = key(number);
                int entry = find(cache, key);
                if (entry == FlowCache.NONE) {
                    assertTrue(!model.containsKey(number) || evicted.contains(number), seed::toString);
                    int before = cache.size();
                    int made = insert(cache, key);
                    if (before == cache.size()) {
                        evicted.addAll(model.keySet());
                        evicted.remove(number);
                    }
                    cache.flows.decide(made, step, number, new FlowRecording(0));
                    model.put(number, (long) step);
                    evicted.remove(number);
                } else {
                    assertEquals(model.get(number), cache.flows.decision(entry, FlowDecisions.SINCE), seed::toString);
                    assertEquals(number, cache.flows.decision(entry, FlowDecisions.WHERE), seed::toString);
                    cache.use(entry);
                }
                assertTrue(cache.size() <= cache.capacity(), seed::toString);
            }
            cache.clear();
            assertEquals(0, cache.size());
            for (long number = 0; number < 200; number++) {
                assertEquals(FlowCache.NONE, find(cache, key(number)));
            }
        }
    }

    @Test
    void everyWordOfTheKeyCounts() {
        try (FlowCache cache = cache(1024)) {
            FlowKey key = key(7);
            insert(cache, key);
            for (int i = 0; i < CHANGES.size(); i++) {
                FlowKey other = key(7);
                CHANGES.get(i).accept(other, 1L << random.nextInt(64));
                assertEquals(FlowCache.NONE, find(cache, other), "word " + i);
                assertNotEquals(cache.hash(key), cache.hash(other), "word " + i);
                assertFalse(key.equalTo(other), "word " + i);
            }
        }
    }

    @Test
    void flowsInUseOutliveAScanOfFlowsThatAreSeenOnce() {
        try (FlowCache cache = cache(1024)) {
            List<FlowKey> busy = new ArrayList<>();
            for (int i = 0; i < 256; i++) {
                FlowKey key = key(i);
                busy.add(key);
                insert(cache, key);
            }
            long inserted = 0;
            for (int i = 0; i < 1_000_000; i++) {
                FlowKey once = key(1_000_000L + i);
                long hash = cache.hash(once);
                assertEquals(FlowCache.NONE, cache.find(once, hash));
                if (cache.admits(hash, 0)) {
                    cache.insert(once, hash, 0);
                    inserted++;
                }
                FlowKey used = busy.get(i & 255);
                int entry = find(cache, used);
                if (entry != FlowCache.NONE) {
                    cache.use(entry);
                }
            }
            long left = busy.stream()
                    .filter(key -> find(cache, key) != FlowCache.NONE)
                    .count();
            long scanned = inserted;
            assertTrue(left >= 250, () -> seed + ": only " + left + " of 256 are left");
            assertTrue(scanned < 2048, () -> seed + ": " + scanned + " flows of one packet were let in");
        }
    }

    @Test
    void oneFlowTooManyForASetCostsTheOthersLittle() {
        try (FlowCache cache = cache(8)) {
            int evictions = 0;
            int hits = 0;
            for (int i = 0; i < 9 * 1000; i++) {
                FlowKey key = key(i % 9);
                long hash = cache.hash(key);
                int entry = cache.find(key, hash);
                if (entry != FlowCache.NONE) {
                    cache.use(entry);
                    hits++;
                } else if (cache.admits(hash, 0)) {
                    evictions += cache.size() == 8 ? 1 : 0;
                    cache.insert(key, hash, 0);
                }
            }
            int seldom = evictions;
            int often = hits;
            assertTrue(seldom < 500, () -> seed + ": " + seldom + " evictions in 1000 rounds");
            assertTrue(often > 7500, () -> seed + ": " + often + " hits of 9000");
        }
    }

    @Test
    void flowsThatTakeTurnsGetInHoweverManyMissBetween() {
        for (int flows = 2; flows <= 8; flows++) {
            try (FlowCache cache = cache(8)) {
                for (int i = 0; i < flows * 8; i++) {
                    FlowKey key = key(i % flows);
                    long hash = cache.hash(key);
                    if (cache.find(key, hash) == FlowCache.NONE && cache.admits(hash, 0)) {
                        cache.insert(key, hash, 0);
                    }
                }
                assertEquals(flows, cache.size(), seed::toString);
            }
        }
    }

    @Test
    void aNewFlowOfAFullSetGetsInWhenItIsSeenAgainAndAgain() {
        try (FlowCache cache = cache(8)) {
            for (int i = 0; i < 8; i++) {
                insert(cache, key(i));
            }
            FlowKey late = key(99);
            long hash = cache.hash(late);
            int refused = 0;
            while (!cache.admits(hash, 0)) {
                refused++;
            }
            assertEquals(8, refused, "once because it is new, and seven times because all others are in use");
            cache.insert(late, hash, 0);
            assertTrue(find(cache, late) != FlowCache.NONE);
            assertEquals(8, cache.size());
        }
    }

    @Test
    void flowsThatHaveFallenSilentGiveWayAtOnce() {
        try (FlowCache cache = cache(8)) {
            for (int i = 0; i < 8; i++) {
                insert(cache, key(i));
            }
            long hash = cache.hash(key(99));
            assertFalse(cache.admits(hash, 1_000_000_000), "it is new");
            assertTrue(cache.admits(hash, 1_000_000_000), "the others were used a second ago");
        }
    }

    @Test
    void flowsThatCollideInOneCacheDoNotCollideInAnother() {
        try (FlowCache known = cache(1 << 14);
                FlowCache attacked = cache(1 << 14)) {
            List<FlowKey> chosen = new ArrayList<>();
            for (long number = 0; chosen.size() < 64; number++) {
                FlowKey key = key(number);
                if ((known.hash(key) & 2047) == 0) {
                    chosen.add(key);
                }
            }
            Set<Long> sets = new HashSet<>();
            for (FlowKey key : chosen) {
                sets.add(attacked.hash(key) & 2047);
            }
            assertTrue(sets.size() > 48, () -> seed + ": 64 chosen flows fall into " + sets.size() + " sets");
        }
    }

    @Test
    void placesAreSpreadEvenly() {
        try (FlowCache cache = cache(1 << 14)) {
            int inserted = 0;
            for (int i = 0; i < 1 << 13; i++) { // half full: overflowing sets are rare
                FlowKey key = key((long) i << 16);
                int before = cache.size();
                insert(cache, key);
                inserted += cache.size() - before;
            }
            int kept = inserted;
            assertTrue(kept > 8000, () -> seed + ": only " + kept + " of 8192 flows found a free way");
        }
    }
}
