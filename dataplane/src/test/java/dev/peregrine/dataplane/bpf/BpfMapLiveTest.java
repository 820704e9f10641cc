package dev.peregrine.dataplane.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class BpfMapLiveTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 50;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment key = arena.allocate(JAVA_LONG);
    private final MemorySegment value = arena.allocate(JAVA_LONG);

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void aHashTakesFindsAndRemovesEntries() throws LinuxException {
        try (BpfMap map = BpfMap.hash(MapType.HASH, "pg_hash", 8, 8, 2)) {
            assertFalse(map.lookup(key(1), value));
            map.update(key(1), value(10));
            map.update(key(2), value(20));
            map.update(key(1), value(11));
            assertTrue(map.lookup(key(1), value));
            assertEquals(11, value.get(JAVA_LONG, 0));
            LinuxException full = assertThrows(LinuxException.class, () -> map.update(key(3), value(30)));
            assertTrue(full.getMessage().startsWith("bpf MAP_UPDATE_ELEM(pg_hash): E2BIG"), full::getMessage);
            assertTrue(map.delete(key(1)));
            assertFalse(map.delete(key(1)));
            map.update(key(3), value(30));
            assertTrue(map.lookup(key(3), value));
            assertEquals(30, value.get(JAVA_LONG, 0));
        }
    }

    @Test
    void anLruHashMakesRoom() throws LinuxException {
        try (BpfMap map = BpfMap.hash(MapType.LRU_HASH, "pg_lru", 8, 8, 16)) {
            for (int i = 0; i < 1000; i++) {
                map.update(key(i), value(i));
            }
            assertTrue(map.lookup(key(999), value));
            assertFalse(map.lookup(key(0), value));
        }
    }

    @Test
    void anArrayIsMemoryOfThisProcess() throws LinuxException {
        try (BpfMap map = BpfMap.array("pg_array", 8, 1000)) {
            assertEquals(8000, map.memory().byteSize());
            map.memory().setAtIndex(JAVA_LONG, 999, 7);
            assertTrue(map.lookup(index(999), value));
            assertEquals(7, value.get(JAVA_LONG, 0));
            map.update(index(3), value(9));
            assertEquals(9, map.memory().getAtIndex(JAVA_LONG, 3));
            assertFalse(map.lookup(index(1000), value), "there is no such entry");
        }
    }

    @Test
    void anArrayForEachCpuGivesAllValues() throws LinuxException {
        try (BpfMap map = BpfMap.perCpuArray("pg_percpu", 4, 1)) {
            int cpus = map.valueBytes() / 8;
            assertTrue(cpus >= Runtime.getRuntime().availableProcessors(), () -> cpus + " CPUs");
            MemorySegment values = arena.allocate(map.valueBytes(), 8);
            for (int cpu = 0; cpu < cpus; cpu++) {
                values.set(JAVA_INT, 8L * cpu, cpu + 1);
            }
            map.update(index(0), values);
            MemorySegment read = arena.allocate(map.valueBytes(), 8);
            assertTrue(map.lookup(index(0), read));
            assertEquals(cpus, read.get(JAVA_INT, 8L * (cpus - 1)));
        }
    }

    /** In each round a thread puts another map into its own place. The kernel gives a map's number in its place. */
    @Test
    void severalThreadsPutMapsIntoOneArrayAtATime() throws Exception {
        try (BpfMap like = BpfMap.array("pg_like", 8, 1);
                BpfMap outer = BpfMap.arrayOfMaps("pg_outer", like, THREADS);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<BpfMap> inner = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            try {
                for (int i = 0; i < THREADS; i++) {
                    inner.add(BpfMap.array("pg_inner", 8, 1));
                    outer.update(0, inner.get(i));
                    numbers.add(numberAt(outer, 0));
                }
                assertEquals(THREADS, Set.copyOf(numbers).size());
                for (int round = 0; round < ROUNDS; round++) {
                    put(threads, outer, inner, round);
                    for (int place = 0; place < THREADS; place++) {
                        assertEquals(numbers.get((place + round) % THREADS), numberAt(outer, place), "round " + round);
                    }
                }
            } finally {
                inner.forEach(BpfMap::close);
            }
        }
    }

    private static void put(ExecutorService threads, BpfMap outer, List<BpfMap> inner, int round) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int place = i;
            all.add(threads.submit(() -> {
                start.await();
                outer.update(place, inner.get((place + round) % THREADS));
                return true;
            }));
        }
        for (Future<Boolean> each : all) {
            assertTrue(each.get());
        }
    }

    private int numberAt(BpfMap outer, int place) throws LinuxException {
        assertTrue(outer.lookup(index(place), value));
        return value.get(JAVA_INT, 0);
    }

    @Test
    void refusesWhatWouldOverrun() throws LinuxException {
        try (BpfMap map = BpfMap.hash(MapType.HASH, "pg_hash", 16, 8, 2)) {
            assertThrows(IllegalArgumentException.class, () -> map.lookup(key(1), value));
        }
        LinuxException e = assertThrows(
                LinuxException.class,
                () -> BpfMap.hash(MapType.HASH, "pg_empty", 8, 8, 0).close());
        assertTrue(e.getMessage().startsWith("bpf MAP_CREATE(pg_empty, HASH of 0): EINVAL"), e::getMessage);
    }

    @Test
    void aClosedMapIsRefused() throws LinuxException {
        BpfMap map = BpfMap.array("pg_array", 8, 1);
        map.close();
        map.close();
        assertThrows(IllegalStateException.class, () -> map.lookup(index(0), value));
        assertThrows(IllegalStateException.class, () -> new Assembler("pg_test").move(Register.R1, map));
    }

    private MemorySegment key(long number) {
        key.set(JAVA_LONG, 0, number);
        return key;
    }

    private MemorySegment index(int number) {
        key.set(JAVA_INT, 0, number);
        return key;
    }

    private MemorySegment value(long number) {
        value.set(JAVA_LONG, 0, number);
        return value;
    }
}
