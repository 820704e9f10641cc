package dev.peregrine.gateway.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.control.Streamed;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an observation ends. */
@Timeout(20)
class ObservationTest {
    private static final Lines.Limits LIMITS = new Lines.Limits(1000, 60);

    private final Rings rings = new Rings();
    private final Peer peer = new Peer();
    private final Observation observation = new Observation("capture", LIMITS, rings, () -> true);

    /** Rings in which some frames wait. */
    private static final class Rings implements Reading {
        private int waiting = 100;
        private long discarded;
        private volatile boolean isClosed;

        @Override
        public long read(Streamed.Client client, long most, boolean isLast) {
            int part = Math.min(waiting, 30);
            if (part > 0) client.send(new Lines.Bytes(part, ""));
            waiting -= part;
            return part;
        }

        @Override
        public void discard() {
            discarded = waiting;
            waiting = 0;
        }

        @Override
        public long missed() {
            return discarded;
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }

    /** A client that takes lines, or has stalled. */
    private static final class Peer implements Streamed.Client {
        private final AtomicBoolean stalled = new AtomicBoolean();
        private final CompletableFuture<Lines.End> end = new CompletableFuture<>();
        private int frames;

        @Override
        public boolean isReady() {
            return !stalled.get();
        }

        @Override
        public void send(Object line) {
            assertTrue(isReady(), "lines for a client that does not take them are held in memory");
            frames += line instanceof Lines.Bytes bytes ? (int) bytes.frames() : 0;
        }

        @Override
        public void end(Object line) {
            end.complete((Lines.End) line);
        }
    }

    @Test
    void whatIsInTheRingsIsSentAtTheEnd() throws Exception {
        observation.begin(peer);
        observation.stop();
        assertEquals(new Lines.End("stopped", 100, 0), peer.end.get(10, TimeUnit.SECONDS));
        assertEquals(100, peer.frames);
        assertTrue(rings.isClosed);
    }

    @Tag("slow")
    @Test
    void nothingIsKeptForAClientThatHasStalled() throws Exception {
        peer.stalled.set(true);
        observation.begin(peer);
        observation.stop();
        assertEquals(new Lines.End("stopped", 0, 100), peer.end.get(10, TimeUnit.SECONDS));
        assertTrue(rings.isClosed, "the rings are freed before the client has taken the end");
    }
}
