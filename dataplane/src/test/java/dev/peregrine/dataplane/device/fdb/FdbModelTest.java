package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.fdb.Fdb.Kind;
import dev.peregrine.dataplane.device.fdb.Fdb.Learned;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Law 7: the FDB is a plain map under learn, move, age, limits, static and sticky entries and flush. */
class FdbModelTest {
    private static final int SEGMENTS = 3;
    private static final int PORTS = 5;
    private static final long SECOND = 1_000_000_000L;

    private record Key(int segment, long mac) {}

    private record Entry(int port, Kind kind, long seen) {
        boolean isStatic() {
            return !kind.isLearned();
        }
    }

    private record Move(Key key, int from, int to) {}

    private final Map<Key, Entry> model = new HashMap<>();
    private final int[] limits = new int[SEGMENTS];
    private final int[] portLimits = new int[PORTS];
    private final List<Move> expectedMoves = new ArrayList<>();
    private final List<Move> seenMoves = new ArrayList<>();
    private final long[] ageing = new long[SEGMENTS];
    private final long[] refusals = new long[SEGMENTS];
    private final long[] moves = new long[SEGMENTS];
    private final long[] aged = new long[SEGMENTS];

    @ParameterizedTest(name = "{0} MACs, capacity {1}")
    @CsvSource({"12, 20", "60, 100", "4000, 3000"})
    void behavesLikeAMap(int macs, int capacity) {
        Seed seed = Seed.ofThisRun();
        live(seed, seed.random(), macs, capacity, 40_000);
    }

    @SeededTest
    void behavesLikeAMapInWorldsOfAnySize() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        live(seed, random, random.nextInt(1, 60), random.nextInt(1, 200), 2_000);
    }

    private void live(Seed seed, SplittableRandom random, int macs, int capacity, int steps) {
        Fdb fdb = new Fdb(capacity);
        FdbReader reader = fdb.reader();
        long now = random.nextLong();
        Arrays.fill(portLimits, Integer.MAX_VALUE);
        fdb.listeners().onMove((segment, mac, from, to) -> seenMoves.add(new Move(new Key(segment, mac), from, to)));
        for (int segment = 0; segment < SEGMENTS; segment++) {
            configure(fdb, random, segment, macs);
        }
        for (int step = 0; step < steps; step++) {
            String where = seed + ", step " + step;
            now += random.nextLong(SECOND / 2);
            Key key = new Key(random.nextInt(SEGMENTS), 0x0200_0000_0000L + random.nextInt(macs));
            int port = random.nextBoolean() ? random.nextInt(PORTS) : Ports.tunnel(random.nextInt(PORTS));
            step(fdb, reader, random, key, port, now, capacity, macs, where);
            Entry entry = model.get(key);
            reader.forget();
            assertEquals(entry != null, reader.find(key.segment(), key.mac()), where);
            assertEquals(entry == null ? -1 : entry.port(), reader.port(), where);
            if (step % 500 == 0) {
                assertEquals(model, contents(fdb), where);
                assertCounts(fdb, where);
            }
        }
    }

    private void step(
            Fdb fdb,
            FdbReader reader,
            SplittableRandom random,
            Key key,
            int port,
            long now,
            int capacity,
            int macs,
            String where) {
        switch (random.nextInt(200)) {
            case 0 -> configure(fdb, random, key.segment(), macs);
            case 1 -> assertEquals(age(now), fdb.age(now), where);
            case 2 -> {
                boolean staticToo = random.nextBoolean();
                Predicate<Key> segment = random.nextBoolean() ? k -> k.segment() == key.segment() : k -> true;
                int segmentOrAny = segment.test(new Key(-1, 0)) ? Fdb.ANY : key.segment();
                assertEquals(flush(segment, port, staticToo), fdb.flush(segmentOrAny, port, staticToo), where);
            }
            case 3, 4, 5, 6, 7, 8 -> {
                Kind kind = random.nextBoolean() ? Kind.STATIC : random.nextBoolean() ? Kind.STICKY : Kind.DYNAMIC;
                boolean room = model.containsKey(key) || model.size() < capacity;
                if (room) {
                    model.put(key, new Entry(port, kind, now));
                }
                assertEquals(room, fdb.add(key.segment(), key.mac(), port, kind, now), where);
            }
            case 9, 10, 11, 12, 13, 14, 15, 16 ->
                assertEquals(model.remove(key) != null, fdb.delete(key.segment(), key.mac()), where);
            case 17, 18, 19, 20, 21, 22, 23, 24 -> refresh(reader, key, now);
            case 26, 27, 28, 29, 30, 31 -> give(fdb, random, port, now, capacity, macs, where);
            case 25 -> {
                int limited = random.nextInt(PORTS);
                portLimits[limited] = random.nextInt(4) == 0 ? Integer.MAX_VALUE : random.nextInt(macs);
                fdb.limits().port(limited, portLimits[limited]);
            }
            default ->
                assertEquals(learn(key, port, now, capacity), fdb.learn(key.segment(), key.mac(), port, now), where);
        }
    }

    private void configure(Fdb fdb, SplittableRandom random, int segment, int macs) {
        limits[segment] = random.nextInt(macs);
        ageing[segment] = random.nextInt(4) == 0 ? 0 : random.nextLong(100 * SECOND);
        fdb.configure(segment, limits[segment], ageing[segment]);
    }

    private Learned learn(Key key, int port, long now, int capacity) {
        Entry old = model.get(key);
        if (old == null) {
            if (dynamicEntries(key.segment()) >= limits[key.segment()] || model.size() >= capacity || isFull(port)) {
                refusals[key.segment()]++;
                return Learned.REFUSED;
            }
            model.put(key, new Entry(port, Kind.DYNAMIC, now));
            return Learned.ADDED;
        }
        if (old.port() == port) {
            model.put(key, new Entry(port, old.kind(), now));
            return Learned.REFRESHED;
        }
        if (old.kind() != Kind.DYNAMIC && (old.kind() != Kind.CONTROL || Ports.isTunnel(port))) {
            return Learned.BOUND;
        }
        boolean isNew = old.kind() == Kind.CONTROL;
        if (isFull(port) || (isNew && dynamicEntries(key.segment()) >= limits[key.segment()])) {
            refusals[key.segment()]++;
            return Learned.REFUSED;
        }
        model.put(key, new Entry(port, Kind.DYNAMIC, now));
        expectedMoves.add(new Move(key, old.port(), port));
        moves[key.segment()]++;
        return Learned.MOVED;
    }

    /** Some changes of a control plane; the listener hears of segments where a decision may be out of date. */
    private void give(Fdb fdb, SplittableRandom random, int port, long now, int capacity, int macs, String where) {
        Set<Integer> touched = new TreeSet<>();
        List<Integer> changed = new ArrayList<>();
        fdb.listeners().onChange(changed::add);
        for (int i = random.nextInt(6); i >= 0; i--) {
            Key key = new Key(random.nextInt(SEGMENTS), 0x0200_0000_0000L + random.nextInt(macs));
            Entry old = model.get(key);
            if (random.nextInt(3) == 0) {
                fdb.given().remove(key.segment(), key.mac());
                if (old != null && old.kind().isControl()) {
                    model.remove(key);
                    touched.add(key.segment());
                }
                continue;
            }
            boolean isSticky = random.nextInt(4) == 0;
            Kind kind = isSticky ? Kind.CONTROL_STICKY : Kind.CONTROL;
            FdbGiven.Outcome outcome = fdb.given().set(key.segment(), key.mac(), port, isSticky, now);
            if (old == null && model.size() >= capacity) {
                assertEquals(FdbGiven.Outcome.FULL, outcome, where);
            } else if (old != null && (old.kind() == Kind.STATIC || old.kind() == Kind.STICKY)) {
                assertEquals(FdbGiven.Outcome.BOUND, outcome, where);
            } else {
                assertEquals(FdbGiven.Outcome.GIVEN, outcome, where);
                if (old == null || old.port() != port || old.kind() != kind) {
                    model.put(key, new Entry(port, kind, now));
                    if (old != null || isSticky) {
                        touched.add(key.segment());
                    }
                }
            }
        }
        assertEquals(List.of(), changed, where);
        fdb.given().publish();
        assertEquals(List.copyOf(touched), changed, where);
        fdb.listeners().onChange(_ -> {});
    }

    private boolean isFull(int port) {
        return port < PORTS
                && portLimits[port] < Integer.MAX_VALUE
                && model.values().stream()
                                .filter(e -> e.port() == port && e.kind().isLearned())
                                .count()
                        >= portLimits[port];
    }

    private void refresh(FdbReader reader, Key key, long now) {
        reader.forget();
        reader.find(key.segment(), key.mac());
        reader.refresh(now);
        model.computeIfPresent(key, (k, e) -> now - e.seen() >= SECOND ? new Entry(e.port(), e.kind(), now) : e);
    }

    private int age(long now) {
        int before = model.size();
        model.entrySet().removeIf(e -> {
            int segment = e.getKey().segment();
            Entry entry = e.getValue();
            boolean old = !entry.isStatic() && ageing[segment] > 0 && now - entry.seen() >= ageing[segment];
            aged[segment] += old ? 1 : 0;
            return old;
        });
        return before - model.size();
    }

    private int flush(Predicate<Key> segment, int port, boolean staticToo) {
        int before = model.size();
        model.entrySet()
                .removeIf(e -> segment.test(e.getKey())
                        && e.getValue().port() == port
                        && (staticToo || !e.getValue().isStatic()));
        return before - model.size();
    }

    private long dynamicEntries(int segment) {
        return model.entrySet().stream()
                .filter(e -> e.getKey().segment() == segment && !e.getValue().isStatic())
                .count();
    }

    private static Map<Key, Entry> contents(Fdb fdb) {
        Map<Key, Entry> contents = new HashMap<>();
        fdb.forEach((segment, mac, port, kind, seen) ->
                assertEquals(null, contents.put(new Key(segment, mac), new Entry(port, kind, seen))));
        return contents;
    }

    private void assertCounts(Fdb fdb, String where) {
        assertEquals(model.size(), fdb.size(), where);
        assertEquals(expectedMoves, seenMoves, where);
        expectedMoves.clear();
        seenMoves.clear();
        for (int i = 0; i < SEGMENTS; i++) {
            int segment = i;
            long entries =
                    model.keySet().stream().filter(k -> k.segment() == segment).count();
            assertEquals(entries, fdb.segment(segment).entries(), where);
            assertEquals(dynamicEntries(segment), fdb.segment(segment).dynamicEntries(), where);
            assertEquals(refusals[segment], fdb.segment(segment).refusals(), where);
            assertEquals(moves[segment], fdb.segment(segment).moves(), where);
            assertEquals(aged[segment], fdb.segment(segment).aged(), where);
        }
    }
}
