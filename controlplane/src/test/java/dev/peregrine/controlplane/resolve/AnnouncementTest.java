package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.Claimed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Announcements to planes, and MACs that move. */
class AnnouncementTest extends OnePlane {
    @Test
    void allIsWithdrawnWhenThePlaneHasSaidSo() {
        assertTrue(resolver.isWithdrawn(), "nothing was told to it");
        resolver.publish(true);
        picture();
        published();
        assertFalse(resolver.isWithdrawn(), "it may be writing");
        feed.announced(1);
        resolver.publish(false);
        pass(SECOND);
        assertFalse(plane.announced.getLast().published());
        feed.announced(1); // what it had written before
        assertFalse(resolver.isWithdrawn());
        feed.announced(0);
        assertTrue(resolver.isWithdrawn());
        feed.announced(1);
        feed.state(PlaneState.AWAY, "");
        assertTrue(resolver.isWithdrawn(), "it cannot be reached");
    }

    @Test
    void aMacThatShowsUpHereIsAnnouncedWithTheNextSequence() {
        resolver.publish(true);
        picture(station(MAC, A, 6));
        resolver.localAppeared(42, MAC, Local.LEARNED, List.of());
        LocalState state = published();
        assertEquals("nowhere", where(MAC));
        assertEquals(7, state.stations().getFirst().sequence());
        feed.claim(station(MAC, A, 8));
        assertEquals(List.of(), published().stations());
        assertEquals("10.0.0.2 p 8", where(MAC));
    }

    @Test
    void aPortInsistsAtMostAsOftenAsADuplicateMoves() {
        resolver.publish(true);
        picture();
        resolver.localAppeared(42, MAC, Local.PORT, List.of(B));
        assertEquals(0, published().stations().getFirst().sequence());
        for (int sequence = 1; sequence < 20; sequence += 2) {
            feed.claim(station(MAC, A, sequence));
            published();
        }
        assertEquals(10, published().stations().getFirst().sequence());
        assertEquals("nowhere", where(MAC));
        assertEquals(1, resolver.duplicates());
        pass(180 * SECOND);
        assertEquals(20, published().stations().getFirst().sequence(), "a new window begins");
        assertEquals(10, status().conflicts());
    }

    @Test
    void aDuplicateIsFrozenUntilItIsLetGo() {
        ResolverSettings base = ResolverSettings.DEFAULT;
        use(new ResolverSettings(
                base.withdrawDelay(), base.hold(), base.shrinkHold(), 5, Duration.ofMinutes(3), true, Duration.ZERO));
        picture(station(MAC, A, 0));
        for (int sequence = 1; sequence <= 8; sequence++) {
            feed.claim(station(MAC, sequence % 2 == 0 ? A : B, sequence));
            settle();
        }
        assertEquals("10.0.0.9 p 5", where(MAC));
        pass(3600 * SECOND);
        assertEquals("10.0.0.9 p 5", where(MAC));
        assertEquals(
                Claimed.Standing.FROZEN,
                resolver.claims(42, MAC).stream()
                        .filter(claimed -> claimed.claim().key().vtep().equals(A))
                        .findFirst()
                        .orElseThrow()
                        .standing());
        assertTrue(resolver.unfreeze(42, MAC));
        assertFalse(resolver.unfreeze(42, MAC));
        settle();
        assertEquals("10.0.0.2 p 8", where(MAC));
    }

    @Test
    void nothingIsAnnouncedBeforeTheGatewayIsReadyAndAllIsWithdrawnAtItsEnd() {
        resolver.localAppeared(42, MAC, Local.PORT, List.of(B));
        pass(SECOND);
        assertEquals(List.of(), plane.announced);
        resolver.publish(true);
        LocalState ready = published();
        assertEquals(List.of(new Claim.Member(42, OWN, true)), ready.members());
        assertEquals(List.of(new Claim.Station(42, MAC, OWN, 0, false, List.of(B))), ready.stations());
        resolver.publish(false);
        assertEquals(LocalState.nothing(OWN, "here", "1"), published());
    }

    @Test
    void learnedMacsAreAnnouncedAtABoundedRateUpToALimit() {
        resolver.vni(42, List.of("p"), true, 30);
        resolver.publish(true);
        picture();
        for (int i = 0; i < 50; i++) resolver.localAppeared(42, MAC + i, Local.LEARNED, List.of());
        assertEquals(10, published().stations().size(), 1);
        for (int i = 0; i < 10; i++) published();
        assertEquals(30, published().stations().size());
    }

    @Test
    void whileNothingIsPublishedNoChangeIsAnnounced() {
        resolver.publish(true);
        picture();
        published();
        resolver.publish(false);
        assertFalse(published().published());
        int told = plane.announced.size();
        resolver.localAppeared(42, MAC, Local.PORT, List.of());
        resolver.vni(42, List.of("p"), true, 30);
        pass(SECOND);
        assertEquals(told, plane.announced.size(), "a plane that is told the same again may not answer");
        resolver.publish(true);
        assertEquals(1, published().stations().size(), "it comes with the rest");
    }
}
