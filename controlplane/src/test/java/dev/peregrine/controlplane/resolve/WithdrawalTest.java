package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.PlaneState;
import org.junit.jupiter.api.Test;

/** When what is withdrawn goes: delays, planes that are away, the shrink guard. */
class WithdrawalTest extends OnePlane {
    @Test
    void aWithdrawnStationStaysForADelayAndForGoodWhenItIsClaimedAgain() {
        picture(station(MAC, A, 0));
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND - 1);
        assertEquals("10.0.0.2 p 0", where(MAC));
        int calls = tables.calls;
        feed.claim(station(MAC, A, 0));
        pass(10 * SECOND);
        assertEquals(calls, tables.calls);
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
        assertTrue(tables.vteps.isEmpty());
    }

    @Test
    void whatIsWithdrawnWhenAPlaneComesBackWaitsForItsClaimants() {
        picture(station(MAC, A, 0), station(MAC + 1, A, 0), station(MAC + 2, A, 0));
        feed.state(PlaneState.AWAY, "");
        pass(SECOND);
        feed.state(PlaneState.LIVE, "");
        feed.withdraw(station(MAC, A, 0).key());
        feed.withdraw(station(MAC + 1, A, 0).key());
        feed.withdraw(station(MAC + 2, A, 0).key());
        feed.claim(station(MAC + 2, B, 0));
        pass(29 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        assertEquals("10.0.0.9 p 0", where(MAC + 2), "a move does not wait");
        feed.claim(station(MAC, A, 0));
        pass(SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        assertEquals("nowhere", where(MAC + 1));
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND);
        assertEquals("nowhere", where(MAC), "later ones are as ever");
    }

    @Test
    void aMoveIsMadeAtOnceThoughTheOldClaimHadTheHigherSequence() {
        picture(station(MAC, A, 7));
        feed.claim(station(MAC, B, 0));
        settle();
        assertEquals("10.0.0.2 p 7", where(MAC));
        feed.withdraw(station(MAC, A, 7).key());
        settle();
        assertEquals("10.0.0.9 p 0", where(MAC));
    }

    @Test
    void claimsOfAPlaneThatIsAwayHoldAndThenGo() {
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "connection refused");
        pass(599 * SECOND);
        assertEquals(SECOND, status().holdLeftNanos());
        assertEquals("10.0.0.2 p 0", where(MAC));
        feed.state(PlaneState.SYNCING, "");
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
        assertEquals(-1, status().holdLeftNanos());
    }

    @Test
    void nothingIsRemovedBeforeThePlaneIsLive() {
        feed.state(PlaneState.SYNCING, "");
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "");
        feed.withdraw(station(MAC, A, 0).key());
        pass(100 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        feed.state(PlaneState.LIVE, "");
        pass(29 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
    }

    @Test
    void anEmptyPictureWaitsForASecondLook() {
        picture(stations(0, 20, A));
        picture(stations(100, 101, B));
        pass(29 * SECOND);
        assertEquals(21, tables.stations.size(), "additions apply, removals wait");
        assertEquals(20, status().guarded());
        assertEquals(0, plane.resyncs);
        pass(SECOND);
        assertEquals(1, plane.resyncs);
        pass(100 * SECOND);
        assertEquals(21, tables.stations.size(), "the second look has not come");
        picture(stations(100, 101, B));
        pass(0);
        assertEquals(1, tables.stations.size());
        assertEquals(0, status().guarded());
    }

    @Test
    void whatComesBackMeanwhileEndsTheWait() {
        picture(stations(0, 20, A));
        picture();
        pass(5 * SECOND);
        assertEquals(20, status().guarded());
        picture(stations(0, 15, A));
        pass(2 * SECOND);
        assertEquals(15, tables.stations.size());
        assertEquals(0, plane.resyncs);
    }

    @Test
    void withdrawalsWithinFiveSecondsAreGuardedAsAPictureIs() {
        picture(stations(0, 40, A));
        for (int i = 0; i < 30; i++) {
            feed.withdraw(station(MAC + i, A, 0).key());
            pass(SECOND / 10);
        }
        pass(20 * SECOND);
        assertTrue(tables.stations.size() > 20, () -> "left: " + tables.stations.size());
        resolver.resync("p", true);
        pass(0);
        assertEquals(10, tables.stations.size());
    }

    @Test
    void aFewMayGoAtOnceAndSoMayAHalf() {
        picture(stations(0, 10, A));
        picture();
        pass(SECOND);
        assertEquals(0, tables.stations.size());
        pass(10 * SECOND);
        picture(stations(0, 100, A));
        picture(stations(0, 50, A));
        pass(SECOND);
        assertEquals(50, tables.stations.size());
    }

    @Test
    void aRestoredPictureIsAwaySinceItsTime() {
        feed.begin();
        feed.claim(station(MAC, A, 0));
        feed.complete();
        resolver.restored("p", 500 * SECOND);
        pass(99 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
    }

    @Test
    void aPlaneThatComesAndGoesHasWithdrawnClaimsWaitForALimitedTime() {
        picture(station(MAC, A, 0), station(MAC + 1, A, 0));
        feed.state(PlaneState.AWAY, "");
        feed.withdraw(station(MAC, A, 0).key());
        int returns = 0;
        while (!where(MAC).equals("nowhere")) {
            assertTrue(returns++ < 20, "each return has it wait again");
            feed.state(PlaneState.AWAY, "");
            pass(SECOND);
            feed.state(PlaneState.LIVE, "");
            pass(10 * SECOND);
        }
        assertEquals(12, returns, "it was live for four times 30 s");
        assertEquals("10.0.0.2 p 0", where(MAC + 1));
    }

    @Test
    void claimantsHaveTheirTimeAfterALongOutageThoughThePlaneWasBackForAMoment() {
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "");
        feed.state(PlaneState.LIVE, "");
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND);
        feed.state(PlaneState.AWAY, "");
        pass(500 * SECOND);
        feed.state(PlaneState.LIVE, "");
        pass(29 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
    }

    @Test
    void aReportHasTheTimeAtWhichItComes() {
        picture(station(MAC, A, 0));
        now += 100 * SECOND; // in which nothing was due
        resolver.time(now);
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND - 1);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(1);
        assertEquals("nowhere", where(MAC));
        now += 100 * SECOND;
        resolver.time(now);
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "");
        assertEquals(0, status().sinceNanos());
        assertEquals(600 * SECOND, status().holdLeftNanos());
    }

    @Test
    void theTimeAloneDoesNotDoWhatIsDue() {
        picture(station(MAC, A, 0));
        feed.withdraw(station(MAC, A, 0).key());
        now += 100 * SECOND;
        resolver.time(now);
        assertFalse(resolver.drain(tables, 100));
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(0);
        assertEquals("nowhere", where(MAC));
    }
}
