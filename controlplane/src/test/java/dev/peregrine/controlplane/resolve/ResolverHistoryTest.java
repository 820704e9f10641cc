package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random histories of two planes, against {@link PlainResolver}. {@code -Dperegrine.histories} sets how many. */
@Tag("slow")
class ResolverHistoryTest {
    private static final int HISTORIES = Integer.getInteger("peregrine.histories", 2000);
    private static final int STEPS = 22;
    private static final long MILLI = 1_000_000L;

    /** A resolver with its tables, and the time. */
    private static final class World {
        final RecordedTables tables = new RecordedTables();
        final Resolver resolver =
                new Resolver(RandomClaims.vtep(1), "here", "1", PlainResolver.SETTINGS, ResolverEvents.NONE);
        final List<Feed> feeds = new ArrayList<>();

        World() {
            for (String plane : PlainResolver.PLANES) {
                feeds.add(resolver.plane(new PlaneSettings(plane), new FakePlane()));
            }
            resolver.vni(1, List.of("p", "q"), false, 0);
            resolver.vni(2, List.of("q", "p"), false, 0);
        }

        void settle(long now, Random random) {
            long next = resolver.tick(now);
            while (resolver.drain(tables, 1 + random.nextInt(20)) || next == 0) next = resolver.tick(now);
        }
    }

    @Test
    void tablesAreThoseOfAPlainModelWhateverTheOrderWithinARevision() {
        long base = Long.getLong("peregrine.seed", System.nanoTime());
        for (int i = 0; i < HISTORIES; i++) history(base + i);
    }

    private static void history(long seed) {
        Random random = new Random(seed);
        RandomClaims claims = new RandomClaims(random);
        World world = new World();
        World shuffled = new World();
        PlainResolver plain = new PlainResolver();
        long now = random.nextLong() >> 2;
        for (int step = 0; step < STEPS; step++) {
            for (long pause : claims.pauses()) {
                now += pause;
                for (World each : List.of(world, shuffled)) each.settle(now, random);
                plain.tick(now);
            }
            List<RandomClaims.Event> revision = claims.revision();
            for (RandomClaims.Event event : revision) event.apply(world.feeds, world.resolver, plain);
            List<RandomClaims.Event> other = new ArrayList<>(revision);
            if (!revision.getFirst().isPicture()) Collections.shuffle(other, random);
            for (RandomClaims.Event event : other) event.apply(shuffled.feeds, shuffled.resolver, null);
            for (int round = 0; round < 3; round++) {
                for (World each : List.of(world, shuffled)) each.settle(now, random);
                plain.tick(now);
                now += 11 * MILLI; // members are told together
            }
            String where = "seed " + seed + ", step " + step + ", after " + revision;
            assertEquals(plain.text(), world.tables.text(), where);
            assertEquals(plain.text(), shuffled.tables.text(), "another order: " + where);
            if (random.nextInt(8) == 0) replay(world, plain, now, random, where);
        }
    }

    /** A repeated claim is no change. */
    private static void replay(World world, PlainResolver plain, long now, Random random, String where) {
        world.settle(now, random);
        plain.tick(now);
        int calls = world.tables.calls;
        for (int plane = 0; plane < 2; plane++) {
            if (plain.stateOf(plane) != PlaneState.LIVE || plain.isLeaving(plane)) continue;
            Feed feed = world.feeds.get(plane);
            feed.begin();
            List<Claim> all = new ArrayList<>(plain.standing(plane));
            Collections.shuffle(all, random);
            all.forEach(feed::claim);
            feed.complete();
        }
        world.settle(now, random);
        assertEquals(calls, world.tables.calls, () -> "a repeated picture changes something: " + where);
    }
}
