package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Claims of planes, in the tables. */
class ClaimedEntriesTest extends PlanesLab {
    @Test
    void whatIsClaimedIsInEveryTableAndGoesWithItsClaim() throws Exception {
        claim(FAR, 1);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        await("the flood", () -> floodsTo(FAR));
        onControl(() -> {
            RemoteVtep remote = Objects.requireNonNull(vtep(FAR));
            assertTrue(tables().vteps().isAllowed(remote));
            assertTrue(neighbours().isGiven(segment, HOST.high(), HOST.low()));
            assertEquals(
                    "h2",
                    Objects.requireNonNull(tables().claimedVteps().naming(FAR)).node());
            assertEquals(List.of(), steps, "a mere addition ends no decision");
            return true;
        });
        plane.feed().withdraw(new Claim.StationKey(VNI, MAC, FAR));
        plane.feed().withdraw(new Claim.MemberKey(VNI, FAR));
        plane.feed().withdraw(new Claim.VtepKey(FAR));
        await("the end of the VTEP", () -> unnamed.equals(List.of(FAR)));
        onControl(() -> {
            assertEquals("", entry());
            assertFalse(floodsTo(FAR));
            assertFalse(neighbours().isGiven(segment, HOST.high(), HOST.low()));
            assertNull(tables().claimedVteps().naming(FAR));
            assertEquals(List.of(segment), steps);
            return true;
        });
    }

    @Test
    void theSamePictureAgainChangesNothing() throws Exception {
        for (int i = 0; i < 2; i++) {
            plane.feed().begin();
            claim(FAR, 1);
            plane.feed().complete();
            await("the flood", () -> floodsTo(FAR));
        }
        long changes = onControl(() -> planes().changes());
        plane.feed().begin();
        claim(FAR, 1);
        plane.feed().complete();
        plane.feed().announced(17);
        await(
                "the end of the picture",
                () -> planes().resolver().planes().getFirst().announced() == 17);
        assertEquals(changes, onControl(() -> planes().changes()));
        assertEquals(List.of(), onControl(() -> List.copyOf(steps)));
    }

    @Test
    void aVniThatIsLeftHasNothingOfPlanes() throws Exception {
        claim(FAR, 1);
        await("the flood", () -> floodsTo(FAR));
        onControl(() -> {
            planes().leave(VNI);
            assertEquals("", entry());
            return true;
        });
        await("the end of the flood", () -> !floodsTo(FAR));
    }

    @Test
    void manyClaimsTakeManyShortTurns() throws Exception {
        int count = 50_000;
        Thread reporter = Thread.ofVirtual().start(() -> {
            Feed feed = plane.feed();
            feed.begin();
            for (int i = 0; i < 100; i++) {
                IpAddress vtep = new IpAddress(FAR.high(), FAR.low() + i);
                feed.claim(new Claim.Vtep(vtep, "", ""));
                feed.claim(new Claim.Member(VNI, vtep, true));
                for (int j = 0; j < count / 100; j++) {
                    feed.claim(new Claim.Station(VNI, MAC + 1000L * i + j, vtep, 0, false, List.of()));
                }
            }
            feed.complete();
        });
        await("all of them", () -> tables().fdb().size() == count);
        assertTrue(reporter.join(LONGEST));
        assertEquals(List.of(), onControl(() -> List.copyOf(steps)));
        assertNotNull(onControl(() -> vtep(FAR)));
        onControl(() -> {
            planes().remove("reg");
            return true;
        });
        await("their end", () -> tables().fdb().size() == 0);
    }
}
