package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Entries while their table is replaced by a larger one, a step with each new key. */
class FdbGrowthTest {
    private static final int SLOTS = 4096;

    private final FdbEntries entries = new FdbEntries(slots -> new FdbTable(slots, 42));
    private final Map<Long, Long> model = new HashMap<>();

    private static long value(int port) {
        return FdbTable.value(port, Fdb.Kind.DYNAMIC);
    }

    private void put(long key, int port, long now) {
        int slot = entries.table().find(key);
        if (entries.value(slot) == FdbTable.ABSENT) entries.store(key, slot, value(port), now);
        else entries.set(slot, value(port), now);
        model.put(key, value(port));
    }

    private void remove(long key) {
        entries.remove(entries.table().find(key));
        model.remove(key);
    }

    private Map<Long, Long> content() {
        Map<Long, Long> content = new HashMap<>();
        entries.forEach((segment, mac, port, kind, seen) ->
                content.put(FdbTable.key(segment, mac), FdbTable.value(port, kind)));
        return content;
    }

    /** Fills the table up to where it begins to grow. */
    private int fill() {
        int key = 1;
        while (entries.table().slots() < SLOTS) put(key++, 1, 0);
        entries.forEach((segment, mac, port, kind, seen) -> {}); // the end of that growth
        while (entries.table().used() < SLOTS / 2) put(key++, 1, 0);
        return key;
    }

    @Test
    void changesOfAnyKindReachTheLargerTable() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        List<Long> known = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            long key = 1 + random.nextLong(30_000);
            if (random.nextInt(4) == 0 && model.containsKey(key)) remove(key);
            else put(key, random.nextInt(100), i);
            known.add(key);
            long any = known.get(random.nextInt(known.size()));
            long expected = model.getOrDefault(any, FdbTable.ABSENT);
            assertEquals(expected, entries.value(entries.table().find(any)), () -> "key " + any + ", seed " + seed);
        }
        assertEquals(model, content(), () -> "seed " + seed);
        assertEquals(model.size(), entries.size(), () -> "seed " + seed);
    }

    @Test
    void noNewKeyCopiesMoreThanAStep() {
        int key = fill();
        FdbTable before = entries.table();
        int keys = 0;
        for (; entries.table() == before; keys++) put(key++, 1, 0);
        assertEquals(SLOTS / FdbGrowth.STEP, keys);
        assertTrue(entries.table().slots() > SLOTS);
    }

    @Test
    void removedOnesThatComeBackMeanwhileHaveRoomInTheFreshTable() {
        int key = fill();
        for (int old = 1; old < key; old++) remove(old);
        for (int i = 0; i < SLOTS / FdbGrowth.STEP / 2; i++) put(key++, 1, 0); // half is looked at, and empty
        for (int old = 1; old < SLOTS / 2; old++) put(old, 2, 0);
        assertEquals(model, content());
        assertEquals(model.size(), entries.size());
    }

    @Test
    void timesThatWorkersNoteMeanwhileAreKept() {
        int key = fill();
        FdbTable before = entries.table();
        put(key++, 1, 0);
        assertSame(before, entries.table(), "it has only begun");
        for (int i = 1; i < 1000; i++) before.seen(before.find(i), 777); // copied ones, and others
        while (entries.table() == before) put(key++, 1, 0);
        assertNotSame(before, entries.table());
        int[] seen = new int[1];
        entries.forEach((segment, mac, port, kind, at) -> {
            if (mac < 1000 && at == 777) seen[0]++;
        });
        assertEquals(999, seen[0]);
    }
}
