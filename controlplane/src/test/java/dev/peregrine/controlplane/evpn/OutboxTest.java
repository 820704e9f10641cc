package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Claim.Station ONE = new Claim.Station(42, 1, EvpnLab.A, 0, false, List.of());
    private static final Claim.Station TWO = new Claim.Station(43, 2, EvpnLab.A, 0, false, List.of());

    private final RecordedFeed feed = new RecordedFeed();
    private final Outbox outbox = new Outbox(feed, (vni, mac) -> {});

    @Test
    void whatVanishedIsToldOnceTheSessionsStoodAfterwards() {
        outbox.open();
        outbox.claim(ONE);
        outbox.claim(TWO);
        outbox.vanished(ONE.key());
        outbox.asking();
        outbox.vanished(TWO.key());
        assertEquals(Set.of(42), outbox.askedVnis());
        assertEquals(List.of(), feed.withdrawn());
        outbox.confirm();
        assertEquals(List.of(ONE.key()), feed.withdrawn(), "the other one vanished after the question");
        outbox.confirm();
        assertEquals(List.of(ONE.key()), feed.withdrawn());
        outbox.asking();
        outbox.confirm();
        assertEquals(List.of(ONE.key(), TWO.key()), feed.withdrawn());
        assertFalse(outbox.isPending());
    }

    @Test
    void whatComesAgainHasNotGone() {
        outbox.open();
        outbox.claim(ONE);
        outbox.vanished(ONE.key());
        outbox.asking();
        outbox.claim(ONE);
        outbox.confirm();
        assertEquals(List.of(), feed.withdrawn());
        outbox.vanished(ONE.key());
        outbox.asking();
        outbox.claim(ONE);
        outbox.vanished(ONE.key());
        outbox.confirm();
        assertEquals(List.of(), feed.withdrawn(), "it vanished again after the question");
    }

    @Test
    void whatIsReplacedIsToldAtOnce() {
        outbox.open();
        outbox.claim(ONE);
        outbox.replaced(ONE.key());
        assertEquals(List.of(ONE.key()), feed.withdrawn());
    }

    @Test
    void closedItTellsNothing() {
        outbox.open();
        outbox.claim(ONE);
        outbox.vanished(ONE.key());
        outbox.asking();
        outbox.close();
        outbox.claim(TWO);
        outbox.replaced(TWO.key());
        outbox.vanished(TWO.key());
        outbox.confirm();
        assertEquals(List.of(), feed.withdrawn());
        assertEquals(Set.of(ONE.key()), feed.claims().keySet());
        outbox.open();
        assertFalse(outbox.isPending(), "a picture follows, which says all");
        assertTrue(outbox.vanished() == 2, "counted all the same");
    }
}
