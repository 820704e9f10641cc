package dev.peregrine.gateway.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.gateway.control.Streamed;
import dev.peregrine.gateway.observe.tap.Places;
import dev.peregrine.gateway.observe.tap.TraceEvent.Kind;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.VtepTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The values that a trace reads at its end. */
class TraceReadingTest {
    /** Together more records than are read in one portion. */
    private static final int PACKETS = 5_000;

    private static final int FRAME_BYTES = 60;

    private final RecordRing ring = new RecordRing(1 << 21);
    private final Places places = new Places();
    private final List<TracedPacket> sent = new ArrayList<>();
    private final TraceReading reading = new TraceReading(
            List.of(ring),
            new Traced(
                    places,
                    new GraphNames(
                            () -> {
                                throw new AssertionError("no stage is named");
                            },
                            List::of,
                            new VtepTable(4789, 8)),
                    new WallClock()),
            null);

    private final Streamed.Client client = new Streamed.Client() {
        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void send(Object line) {
            ((Lines.Packets) line).packets().forEach(packet -> sent.add((TracedPacket) packet));
        }

        @Override
        public void end(Object line) {
            throw new AssertionError("not a reading's to say");
        }
    };

    @AfterEach
    void close() {
        reading.close();
    }

    /** The ways of all packets overlap: each arrives before the first one leaves. */
    private void write() {
        for (int packet = 0; packet < PACKETS; packet++) {
            write(Kind.ARRIVED, packet, 0);
        }
        for (int packet = 0; packet < PACKETS; packet++) {
            write(Kind.LEFT, packet, -1);
        }
    }

    /** As {@code TraceEvent} has it. */
    private void write(Kind kind, long packet, int port) {
        long record = ring.claim(68 + FRAME_BYTES);
        NativeMemory.putNetworkShort(record, List.of(Kind.values()).indexOf(kind));
        NativeMemory.putNetworkShort(record + 2, 0);
        NativeMemory.putNetworkInt(record + 4, places.number(Wiring.UNDERLAY));
        NativeMemory.putNetworkInt(record + 12, port);
        NativeMemory.putNetworkLong(record + 16, packet);
        NativeMemory.putNetworkLong(record + 24, System.nanoTime());
        NativeMemory.putNetworkInt(record + 32, 42);
        NativeMemory.putNetworkInt(record + 36, 1);
        NativeMemory.putNetworkInt(record + 44, FRAME_BYTES);
        NativeMemory.putNetworkInt(record + 48, -1);
        ring.publish();
    }

    @Test
    void theLastPortionCutsNoPacketsWay() {
        write();
        assertEquals(PACKETS, reading.read(client, Long.MAX_VALUE, true));
        assertEquals(PACKETS, sent.size());
        Set<String> results = sent.stream().map(TracedPacket::result).collect(Collectors.toSet());
        assertEquals(Set.of("sent"), results, "some of them are known in part only");
        assertEquals(0, reading.read(client, Long.MAX_VALUE, true));
        assertEquals(0, reading.missed());
    }

    @Test
    void whatIsDiscardedIsMissedOnceForEachPacket() {
        write();
        reading.discard();
        assertEquals(PACKETS, reading.missed());
        assertEquals(0, reading.read(client, Long.MAX_VALUE, true));
    }
}
