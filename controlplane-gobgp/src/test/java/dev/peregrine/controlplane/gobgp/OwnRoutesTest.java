package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The routes that gobgpd is to have, and those that are to be changed. */
class OwnRoutesTest {
    private static final long MAC = 0x02_00_00_00_42_02L;
    private static final long AS = 4_200_000_001L;

    private final OwnRoutes own = new OwnRoutes();
    private final Map<Route.Key, Route> there = new HashMap<>();

    /** Does all that is due, and returns how much it was. */
    private int work() {
        int count = 0;
        for (Route.Key key = own.next(); key != null; key = own.next()) {
            Route route = own.wanted(key);
            if (route == null) {
                assertNotNull(there.remove(key), "nothing is removed that is not there");
            } else {
                there.put(key, route);
            }
            own.done(key);
            count++;
        }
        return count;
    }

    @Test
    void theDifferenceIsDoneOnce() {
        own.want(Samples.state(Samples.own(MAC, 0, "198.19.1.2")), AS);
        assertEquals(3, work());
        assertEquals(0, work());
        assertEquals(3, own.claims(), "the VTEP, the VNI, the station");
        own.want(Samples.state(Samples.own(MAC, 1, "198.19.1.2")), AS);
        assertEquals(2, work());
        own.want(LocalState.nothing(Samples.B, "b", "1"), AS);
        assertEquals(3, work());
        assertEquals(0, own.claims());
        assertTrue(there.isEmpty());
    }

    @Test
    void anotherGobgpdHasNothing() {
        own.want(Samples.state(Samples.own(MAC, 0)), AS);
        work();
        own.replace(Map.of());
        there.clear();
        assertEquals(2, work());
    }

    @Test
    void whatOthersChangeWaits() {
        own.want(Samples.state(Samples.own(MAC, 0)), AS);
        work();
        Route.Key key = there.keySet().iterator().next();
        own.seen(key, null);
        assertNull(own.next());
        assertTrue(own.isLater());
        own.again();
        assertEquals(1, work());
        own.seen(key, there.get(key));
        assertFalse(own.isLater());
    }

    @Test
    void aRaisedSequenceStays() {
        own.want(Samples.state(Samples.own(MAC, 2, "198.19.1.2")), AS);
        work();
        own.raise(Samples.VNI, MAC, 9);
        assertEquals(2, work());
        own.want(Samples.state(Samples.own(MAC, 3, "198.19.1.2")), AS);
        assertEquals(0, work());
        own.want(Samples.state(Samples.own(MAC, 10)), AS);
        assertEquals(2, work());
    }

    @Test
    void vnisWithTheSameLowBitsHaveDistinguishersOfTheirOwn() {
        List<Claim.Member> members =
                List.of(new Claim.Member(0x1_002a, Samples.B, true), new Claim.Member(0x2a, Samples.B, true));
        own.want(new LocalState(Samples.B, "b", "1", true, members, List.of()), AS);
        work();
        Map<Integer, String> rds = new HashMap<>();
        Set<Long> systems = new HashSet<>();
        for (Route route : there.values()) {
            Route.Target target = route.targets().iterator().next();
            rds.put(target.vni(), route.key().rd());
            systems.add(target.as());
        }
        assertEquals(Map.of(0x2a, "198.18.1.2:42", 0x1_002a, "198.18.1.2:43"), rds);
        assertEquals(Set.of(AS & 0xffff), systems, "the low 16 bits");
        for (Route.Key key : there.keySet()) assertTrue(own.isOwn(key));
        assertFalse(own.isOwn(Samples.multicast(Samples.A, 42).key()));
        assertNotNull(
                Objects.requireNonNull(own.wanted(there.keySet().iterator().next())));
    }

    @Test
    void whatIsThereCountsUntilItHasGoneThoughItIsNotWanted() {
        own.want(Samples.state(Samples.own(MAC, 0, "198.19.1.2")), AS);
        work();
        own.want(LocalState.nothing(Samples.B, "b", "1"), AS);
        assertEquals(3, own.claims(), "it is wanted to go, and has not");
        work();
        assertEquals(0, own.claims());
    }

    @Test
    void routesOfAnEarlierStartArePresent() {
        own.want(LocalState.nothing(Samples.B, "b", "1"), AS);
        Route station = Samples.mac(Samples.B, MAC, null, 4, Samples.VNI);
        Route multicast = Samples.multicast(Samples.B, Samples.VNI);
        there.putAll(Map.of(station.key(), station, multicast.key(), multicast));
        own.replace(there);
        assertEquals(3, own.claims(), "and the VTEP");
        own.seen(multicast.key(), null);
        there.remove(multicast.key());
        assertEquals(2, own.claims());
        assertEquals(1, work(), "the station is removed");
        assertEquals(0, own.claims());
    }
}
