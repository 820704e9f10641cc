package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb.Kind;
import dev.peregrine.dataplane.device.fdb.Fdb.Learned;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FdbTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAC = 0x0200_0000_0001L;
    private static final int TUNNEL = Ports.tunnel(3);

    private final Fdb fdb = new Fdb(100);
    private final FdbReader reader = fdb.reader();

    @BeforeEach
    void configureTwoSegments() {
        fdb.configure(0, 10, 300 * SECOND);
        fdb.configure(1, 10, 300 * SECOND);
    }

    @Test
    void findsWhatItLearned() {
        assertEquals(Learned.ADDED, fdb.learn(0, MAC, TUNNEL, 5));

        assertEquals(TUNNEL, lookUp(0, MAC));
        assertFalse(reader.isStatic());
        assertEquals(1, fdb.size());
        assertEquals(1, fdb.segment(0).learns());
    }

    @Test
    void knowsAMacInItsOwnSegmentOnly() {
        fdb.learn(0, MAC, 1, 0);
        fdb.learn(1, MAC, 2, 0);

        assertEquals(1, lookUp(0, MAC));
        assertEquals(2, lookUp(1, MAC));
    }

    @Test
    void aPortThatGoesDownTakesAlongWhatWasLearnedBehindIt() {
        fdb.learn(0, MAC, 1, 0);
        fdb.add(0, MAC + 1, 1, Kind.STICKY, 0);
        fdb.add(0, MAC + 2, 1, Kind.STATIC, 0);
        fdb.learn(0, MAC + 3, 2, 0);

        fdb.portDown(1);
        assertEquals(2, fdb.size(), "the static entry, and that of another port");
        assertEquals(Learned.DOWN, fdb.learn(0, MAC, 1, 1), "news that was on the way makes no entry");
        fdb.learn(0, MAC, TUNNEL, 2);
        assertEquals(Learned.DOWN, fdb.learn(0, MAC, 1, 3), "nor does it move one back");
        assertEquals(TUNNEL, lookUp(0, MAC));
        fdb.portUp(1);
        assertEquals(Learned.MOVED, fdb.learn(0, MAC, 1, 4));
    }

    @Test
    void theSameEntryAddedAgainIsNoChange() {
        fdb.add(0, MAC, 1, Kind.STATIC, 0);
        List<Integer> changes = new ArrayList<>();
        fdb.listeners().onChange(changes::add);
        assertTrue(fdb.add(0, MAC, 1, Kind.STATIC, 1));
        assertEquals(List.of(), changes);
        assertTrue(fdb.add(0, MAC, 1, Kind.STICKY, 1));
        assertTrue(fdb.add(0, MAC, 2, Kind.STICKY, 1));
        assertEquals(List.of(0, 0), changes);
        assertEquals(1, fdb.size());
    }

    @Test
    void tellsWhereAStaticEntryLeads() {
        assertEquals(OptionalInt.empty(), fdb.staticPort(0, MAC));
        fdb.learn(0, MAC, 1, 0);
        assertEquals(OptionalInt.empty(), fdb.staticPort(0, MAC));
        fdb.add(0, MAC, TUNNEL, Kind.STATIC, 0);
        assertEquals(OptionalInt.of(TUNNEL), fdb.staticPort(0, MAC));
        assertEquals(OptionalInt.empty(), fdb.staticPort(1, MAC));
    }

    @Test
    void movesAMacThatShowsUpElsewhere() {
        fdb.learn(0, MAC, 1, 0);

        assertEquals(Learned.MOVED, fdb.learn(0, MAC, TUNNEL, 1));
        assertEquals(TUNNEL, lookUp(0, MAC));
        assertEquals(1, fdb.segment(0).moves());
        assertEquals(1, fdb.segment(0).entries());
    }

    @Test
    void learningNeverOverridesAStaticEntry() {
        fdb.add(0, MAC, 1, true, 0);

        assertEquals(Learned.BOUND, fdb.learn(0, MAC, 2, 0));
        assertEquals(1, lookUp(0, MAC));
        assertTrue(reader.isStatic());
        assertEquals(0, fdb.segment(0).moves());
    }

    @Test
    void aStickyEntryAgesButDoesNotMove() {
        fdb.add(0, MAC, 1, Kind.STICKY, 0);

        assertEquals(Learned.BOUND, fdb.learn(0, MAC, 2, 0));
        assertEquals(1, lookUp(0, MAC));
        assertTrue(reader.isBound());
        assertFalse(reader.isStatic());
        assertEquals(Learned.REFRESHED, fdb.learn(0, MAC, 1, 100 * SECOND));
        assertEquals(0, fdb.age(399 * SECOND));
        assertEquals(1, fdb.age(400 * SECOND));
        assertEquals(Learned.ADDED, fdb.learn(0, MAC, 2, 400 * SECOND));
    }

    @Test
    void flushesStickyEntriesWithTheDynamicOnes() {
        fdb.add(0, MAC, 1, Kind.STICKY, 0);
        fdb.add(0, MAC + 1, 1, Kind.STATIC, 0);
        assertEquals(1, fdb.flush(0, 1, false));
        assertEquals(1, fdb.size());
    }

    @Test
    void refusesToLearnOverTheLimitOfAPort() {
        fdb.limits().port(1, 2);
        fdb.learn(0, MAC, 1, 0);
        fdb.learn(1, MAC, 1, 0);
        fdb.add(0, MAC + 10, 1, Kind.STATIC, 0);
        assertEquals(Learned.REFUSED, fdb.learn(0, MAC + 1, 1, 0), "in whatever segment");
        assertEquals(1, fdb.segment(0).refusals());

        assertEquals(Learned.ADDED, fdb.learn(0, MAC + 1, 2, 0), "another port");
        assertEquals(Learned.REFUSED, fdb.learn(0, MAC + 1, 1, 0), "no MAC moves to a full port");
        assertEquals(2, lookUp(0, MAC + 1));
        assertEquals(Learned.MOVED, fdb.learn(0, MAC, TUNNEL, 0));
        assertEquals(Learned.MOVED, fdb.learn(0, MAC + 1, 1, 0), "a place was given back");
        assertTrue(fdb.add(0, MAC + 2, 1, Kind.DYNAMIC, 0), "an order is no learning");
        fdb.limits().port(1, 10);
        assertEquals(Learned.ADDED, fdb.learn(0, MAC + 3, 1, 0));
    }

    @Test
    void tellsOfMovesAlone() {
        List<String> moves = new ArrayList<>();
        fdb.listeners()
                .onMove((segment, mac, from, to) -> moves.add(segment + " " + (mac - MAC) + " " + from + " " + to));
        fdb.learn(1, MAC + 5, 1, 0);
        fdb.learn(1, MAC + 5, 1, 0);
        fdb.learn(1, MAC + 5, 3, 0);
        fdb.add(1, MAC + 5, 2, Kind.STATIC, 0);
        fdb.learn(1, MAC + 5, 3, 0);
        assertEquals(List.of("1 5 1 3"), moves);
    }

    @Test
    void refusesToLearnOverTheLimitOfTheSegmentAlone() {
        fdb.configure(0, 2, 0);
        fdb.add(0, MAC + 10, 1, true, 0);
        fdb.learn(0, MAC, 1, 0);
        fdb.learn(0, MAC + 1, 1, 0);

        assertEquals(Learned.REFUSED, fdb.learn(0, MAC + 2, 1, 0));
        assertEquals(Packet.NO_PORT, lookUp(0, MAC + 2));
        assertEquals(1, fdb.segment(0).refusals());
        assertEquals(Learned.MOVED, fdb.learn(0, MAC, 2, 0), "a known MAC may still move");
        assertEquals(Learned.ADDED, fdb.learn(1, MAC + 2, 1, 0), "the other segment is not full");

        fdb.delete(0, MAC);
        assertEquals(Learned.ADDED, fdb.learn(0, MAC + 2, 1, 0), "a place was given back");
    }

    @Test
    void refusesEntriesOverTheCapacity() {
        Fdb small = new Fdb(2);
        small.configure(0, 10, 0);
        assertTrue(small.add(0, MAC, 1, true, 0));
        assertEquals(Learned.ADDED, small.learn(0, MAC + 1, 1, 0));

        assertEquals(Learned.REFUSED, small.learn(0, MAC + 2, 1, 0));
        assertFalse(small.add(0, MAC + 2, 1, true, 0));
        assertTrue(small.add(0, MAC + 1, 2, true, 0), "replacing an entry needs no room");
    }

    @Test
    void agesSilentDynamicEntriesBySegment() {
        fdb.configure(1, 10, 0);
        fdb.learn(0, MAC, 1, 0);
        fdb.learn(0, MAC + 1, 1, 10 * SECOND);
        fdb.add(0, MAC + 2, 1, true, 0);
        fdb.learn(1, MAC, 1, 0);

        assertEquals(0, fdb.age(300 * SECOND - 1));
        assertEquals(1, fdb.age(300 * SECOND));
        assertEquals(Packet.NO_PORT, lookUp(0, MAC));
        assertEquals(1, fdb.segment(0).aged());
        assertEquals(1, fdb.age(10_000 * SECOND), "neither the static entry nor the segment without ageing");
    }

    @Test
    void anEntryThatIsInUseStaysYoung() {
        fdb.learn(0, MAC, 1, 0);
        assertTrue(reader.find(0, MAC));
        reader.refresh(200 * SECOND);

        assertEquals(0, fdb.age(400 * SECOND));
        assertEquals(1, fdb.age(500 * SECOND));
    }

    @Test
    void aReaderRefreshesAboutOnceASecond() {
        fdb.learn(0, MAC, 1, 0);
        assertTrue(reader.find(0, MAC));
        reader.refresh(SECOND - 1);
        fdb.forEach((segment, mac, port, kind, seen) -> assertEquals(0, seen));

        reader.refresh(SECOND);
        fdb.forEach((segment, mac, port, kind, seen) -> assertEquals(SECOND, seen));
    }

    @Test
    void flushesBySegmentPortAndKind() {
        fdb.learn(0, MAC, 1, 0);
        fdb.learn(0, MAC + 1, 2, 0);
        fdb.learn(1, MAC, 1, 0);
        fdb.add(0, MAC + 2, 1, true, 0);

        assertEquals(1, fdb.flush(0, 1, false));
        assertEquals(Packet.NO_PORT, lookUp(0, MAC));
        assertEquals(1, fdb.flush(0, 1, true), "the static entry");
        assertEquals(1, fdb.flush(1, Fdb.ANY, false));
        assertEquals(1, fdb.flush(Fdb.ANY, Fdb.ANY, true));
        assertEquals(0, fdb.size());
    }

    @Test
    void aReaderSeesAChangeFromTheNextBatchOn() {
        fdb.learn(0, MAC, 1, 0);
        assertTrue(reader.find(0, MAC));
        fdb.delete(0, MAC);

        reader.forget();
        assertFalse(reader.find(0, MAC));
        assertEquals(Packet.NO_PORT, reader.port());
    }

    @Test
    void staysSmallHoweverManyMacsComeAndGo() {
        for (int i = 1; i <= 100_000; i++) {
            assertEquals(Learned.ADDED, fdb.learn(0, MAC + i, 1, i));
            assertTrue(fdb.delete(0, MAC + i));
        }
        assertEquals(0, fdb.size());
        assertTrue(fdb.table().slots() <= 128, () -> "slots " + fdb.table().slots());
    }

    @Test
    void refusesGroupAddressesAndZeroAsEntries() {
        assertThrows(IllegalArgumentException.class, () -> fdb.add(0, 0x0100_5e00_0001L, 1, true, 0));
        assertThrows(IllegalArgumentException.class, () -> fdb.add(0, 0, 1, true, 0));
    }

    private int lookUp(int segment, long mac) {
        reader.forget();
        return reader.find(segment, mac) ? reader.port() : Packet.NO_PORT;
    }

    @Test
    void aSegmentHasItsOwnPlacesWhateverOthersLearn() {
        Fdb small = new Fdb(10);
        small.configure(0, 10, 300 * SECOND);
        small.configure(1, 10, 300 * SECOND);
        small.limits().reserve(0, 4);
        small.limits().reserve(1, 4);
        small.add(0, MAC - 1, 3, true, 0);

        assertEquals(5, learnedOf(small, 0, 1, 20), "the strangers of one segment take the common places and its own");
        assertEquals(4, learnedOf(small, 1, 2, 20), "the other segment's own are left to it");
        assertEquals(10, small.size());
        small.age(400 * SECOND);
        assertEquals(5, learnedOf(small, 1, 2, 20), "what is unused ages");
    }

    @Test
    void aPortHasItsOwnPlacesWhateverOthersOfItsSegmentBring() {
        fdb.limits().reserve(0, 1, 3);
        fdb.limits().reserve(0, 2, 3);
        fdb.limits().reserve(0, TUNNEL, 3);

        assertEquals(4, learnedOf(fdb, 0, 1, 20), "a flood of MACs behind one port");
        assertEquals(3, learnedOf(fdb, 0, 2, 20), "another port");
        assertEquals(3, learnedOf(fdb, 0, Ports.tunnel(9), 20), "all tunnels together");
        assertEquals(0, learnedOf(fdb, 0, 7, 20), "a port without places of its own");
        assertEquals(10, fdb.segment(0).entries());
    }

    @Test
    void placesOfItsOwnComeBackWithTheirEntries() {
        fdb.limits().reserve(0, 1, 3);
        fdb.limits().reserve(0, 2, 3);
        learnedOf(fdb, 0, 1, 7);
        learnedOf(fdb, 0, 2, 3);
        assertEquals(3, fdb.flush(0, 2, false));
        assertEquals(0, learnedOf(fdb, 0, 1, 20), "which others do not take");
        assertEquals(3, learnedOf(fdb, 0, 2, 20));
    }

    @Test
    void withoutMemoryForALargerTableNothingHasChanged() {
        AtomicBoolean full = new AtomicBoolean();
        Fdb grown = new Fdb(1000, slots -> {
            if (full.get()) {
                throw new OutOfMemoryError("as if");
            }
            return new FdbTable(slots, 1);
        });
        grown.configure(0, 1000, 300 * SECOND);
        LearnQueue queue = new LearnQueue(4, 1, () -> {});
        int fits = learnedOf(grown, 0, 1, 32);
        full.set(true);
        for (int i = 0; i < 10; i++) {
            queue.post(0, MAC + 1000 + i, 1, 0);
        }
        queue.publish();
        int failures = 0;
        for (int i = 0; i < 20; i++) {
            try {
                queue.drain(grown, 0);
            } catch (OutOfMemoryError e) {
                failures++;
            }
        }
        assertEquals(10, failures, "each piece of news fails once");
        assertEquals(fits, grown.size());
        assertEquals(fits, grown.segment(0).entries());

        full.set(false);
        assertEquals(1000 - fits, learnedOf(grown, 0, 2, 2000), "all places are there still");
    }

    /** Learns a number of MACs behind a port; returns how many found a place. */
    private static int learnedOf(Fdb fdb, int segment, int port, int macs) {
        int added = 0;
        for (int i = 0; i < macs; i++) {
            added += fdb.learn(segment, MAC + ((long) port << 16) + i, port, 0) == Learned.ADDED ? 1 : 0;
        }
        return added;
    }
}
