package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.controlplane.LocalState;
import org.junit.jupiter.api.Test;

/** MACs that are here, or that somebody configured, and claims about them. */
class LocalStationsTest extends PlanesLab {
    @Test
    void aStationThatShowsUpHereIsLocalAtOnceAndAnnouncedWithAHigherSequence() throws Exception {
        claim(FAR, 7);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().learn(segment, MAC, LOCAL_PORT, System.nanoTime()));
        assertEquals("DYNAMIC port 0", onControl(this::entry));
        await("the announcement", () -> {
            LocalState wanted = plane.wanted;
            return wanted != null
                    && wanted.stations().stream().anyMatch(its -> its.mac() == MAC && its.sequence() == 8);
        });
        claim(FAR, 9);
        await("the way back", () -> entry().equals("CONTROL 198.18.0.2"));
        claim(OTHER, 10);
        await("a move", () -> entry().equals("CONTROL 198.18.0.3"));
    }

    @Test
    void theClaimComesBackWhenWhatWasLearnedHereHasAged() throws Exception {
        claim(FAR, 7);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().learn(segment, MAC, LOCAL_PORT, System.nanoTime()));
        onControl(() -> tables().fdb().flush(segment, LOCAL_PORT, false));
        await("the entry of the claim", () -> entry().equals("CONTROL 198.18.0.2"));
    }

    @Test
    void aStaticEntryStaysAndTheClaimFollowsIt() throws Exception {
        onControl(() -> tables().fdb().add(segment, MAC, LOCAL_PORT, true, System.nanoTime()));
        claim(FAR, 7);
        await("the flood", () -> floodsTo(FAR));
        assertEquals("STATIC port 0", onControl(this::entry));
        onControl(() -> tables().fdb().delete(segment, MAC));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().add(segment, MAC, LOCAL_PORT, true, System.nanoTime()));
        claim(OTHER, 8);
        await("the flood", () -> floodsTo(OTHER));
        assertEquals("STATIC port 0", onControl(this::entry));
    }

    @Test
    void aStaticNeighbourStaysAndTheClaimFollowsIt() throws Exception {
        claim(FAR, 1);
        await("the neighbour", () -> neighbours().isGiven(segment, HOST.high(), HOST.low()));
        onControl(() -> {
            neighbours().add(segment, HOST.high(), HOST.low(), MAC + 1, System.nanoTime());
            return neighbours().delete(segment, HOST.high(), HOST.low());
        });
        await("the neighbour again", () -> neighbours().isGiven(segment, HOST.high(), HOST.low()));
    }
}
